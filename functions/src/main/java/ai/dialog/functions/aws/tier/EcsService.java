package ai.dialog.functions.aws.tier;

import java.time.Duration;
import java.time.Instant;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.ecs.EcsClient;
import software.amazon.awssdk.services.ecs.EcsClientBuilder;
import software.amazon.awssdk.services.ecs.model.Deployment;
import software.amazon.awssdk.services.ecs.model.DeploymentRolloutState;
import software.amazon.awssdk.services.ecs.model.Service;

/** The service in Amazon ECS, with the standard AWS settings (region, credentials, {@code AWS_ENDPOINT_URL}). */
final class EcsService implements ContainerService, AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(1);

    /** A caller waits for it, and a start that arrives late could lower a count that was raised meanwhile. */
    private static final Duration CALL = Duration.ofSeconds(3);

    private static final String PRIMARY = "PRIMARY";

    private final TierSettings settings;
    private final EcsClient client;

    /**
     * A service behind a client of one's own.
     *
     * @param call how long one call may take in all
     */
    EcsService(TierSettings settings, EcsClientBuilder builder, Duration call) {
        this.settings = settings;
        this.client = builder.httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(call))
                .overrideConfiguration(configuration -> configuration
                        .apiCallTimeout(call)
                        // the caller's own next try is the repetition
                        .retryStrategy(AwsRetryStrategy.doNotRetry()))
                .build();
    }

    /** The service that the settings name; connects nowhere yet. */
    static EcsService open(TierSettings settings) {
        return new EcsService(settings, EcsClient.builder(), CALL);
    }

    @Override
    public Snapshot describe() {
        return client
                .describeServices(request -> request.cluster(settings.cluster()).services(settings.service()))
                .services()
                .stream()
                .map(EcsService::snapshot)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("Amazon ECS knows no service of the name in TIER_SERVICE"));
    }

    @Override
    public Snapshot startOne() {
        return snapshot(client.updateService(request -> request.cluster(settings.cluster())
                        .service(settings.service())
                        .desiredCount(1))
                .service());
    }

    private static Snapshot snapshot(Service service) {
        Instant updated = service.deployments().stream()
                .map(Deployment::updatedAt)
                .filter(at -> at != null)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
        boolean failed = service.deployments().stream()
                .anyMatch(deployment -> PRIMARY.equals(deployment.status())
                        && deployment.rolloutState() == DeploymentRolloutState.FAILED);
        return new Snapshot(
                count(service.desiredCount()),
                count(service.runningCount()),
                updated,
                failed,
                service.events().stream()
                        .filter(event -> event.createdAt() != null && event.message() != null)
                        .map(event -> new Snapshot.Event(event.createdAt(), event.message()))
                        .toList());
    }

    /** What is left out is none. */
    private static int count(Integer number) {
        return number == null ? 0 : Math.max(0, number);
    }

    @Override
    public void close() {
        client.close();
    }
}
