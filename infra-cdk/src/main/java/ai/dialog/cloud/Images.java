package ai.dialog.cloud;

import ai.dialog.cloud.settings.TierSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awscdk.IgnoreMode;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecr.IRepository;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.ecr.RepositoryAttributes;
import software.amazon.awscdk.services.ecr.assets.DockerImageAsset;
import software.amazon.awscdk.services.ecr.assets.Platform;
import software.amazon.awscdk.services.ecs.ContainerImage;
import software.constructs.Construct;

/**
 * The images of the containers, each from a registry that the private network reaches. Ours is built, and a public one
 * copied, by the machine that runs {@code cdk deploy}, into the account's registry; {@code cdk synth} needs no Docker for it.
 */
final class Images extends Construct {

    private static final Pattern ECR =
            Pattern.compile("(\\d{12})\\.dkr\\.ecr\\.([a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/([^:@]+)[:@](.+)");

    /** Our native libraries are for this processor alone. */
    private static final Platform PLATFORM = Platform.LINUX_AMD64;

    private final TierSettings tier;
    private final ContainerImage engine;
    private final ContainerImage sync;
    private final List<Scanned> scanned = new ArrayList<>();

    Images(Construct scope, String id, TierSettings tier) {
        super(scope, id);
        this.tier = tier;
        engine = image("Engine", tier.images().image());
        sync = image("Sync", tier.images().syncImage());
    }

    /**
     * An image whose vulnerabilities are looked for.
     *
     * @param repository its name in the account's registry
     * @param arn the repository's
     * @param tag or digest
     */
    record Scanned(String repository, String arn, String tag) {}

    /** The image with the model server. */
    ContainerImage engine() {
        return engine;
    }

    /** The image that copies models. */
    ContainerImage sync() {
        return sync;
    }

    List<Scanned> scanned() {
        return List.copyOf(scanned);
    }

    private ContainerImage image(String id, String name) {
        if (name.equals(TierSettings.Images.BUILD)) {
            return built(id);
        }
        Matcher ecr = ECR.matcher(name);
        return ecr.matches() ? fromRegistry(id, ecr) : copied(id, name);
    }

    private ContainerImage built(String id) {
        Path dockerfile = tier.images().dockerfile().toAbsolutePath().normalize();
        if (!Files.isRegularFile(dockerfile)) {
            throw new IllegalArgumentException(
                    "dockerfile: there is no " + tier.images().dockerfile());
        }
        Path root = Objects.requireNonNull(
                Objects.requireNonNull(dockerfile.getParent()).getParent(), "a folder above");
        return asset(DockerImageAsset.Builder.create(this, id)
                .directory(root.toString())
                .file(root.relativize(dockerfile).toString())
                .target(tier.compute() == TierSettings.Compute.GPU ? "cuda" : "cpu")
                .platform(PLATFORM)
                // as Docker reads .dockerignore; and with the Dockerfile, which CDK would leave behind where it lies
                // deeper
                .ignoreMode(IgnoreMode.DOCKER)
                .exclude(List.of("infra-cdk", "!" + root.relativize(dockerfile)))
                .build());
    }

    /** A Dockerfile of two lines, so that building it is copying the image. */
    private ContainerImage copied(String id, String name) {
        return asset(DockerImageAsset.Builder.create(this, id)
                .directory(Path.of("images/copy").toAbsolutePath().toString())
                .buildArgs(Map.of("IMAGE", name))
                .platform(PLATFORM)
                .build());
    }

    private ContainerImage asset(DockerImageAsset asset) {
        IRepository repository = asset.getRepository();
        scanned.add(new Scanned(repository.getRepositoryName(), repository.getRepositoryArn(), asset.getImageTag()));
        return ContainerImage.fromDockerImageAsset(asset);
    }

    private ContainerImage fromRegistry(String id, Matcher ecr) {
        String arn = "arn:%s:ecr:%s:%s:repository/%s"
                .formatted(Stack.of(this).getPartition(), ecr.group(2), ecr.group(1), ecr.group(3));
        IRepository repository = Repository.fromRepositoryAttributes(
                this,
                id,
                RepositoryAttributes.builder()
                        .repositoryArn(arn)
                        .repositoryName(ecr.group(3))
                        .build());
        scanned.add(new Scanned(ecr.group(3), arn, ecr.group(4)));
        return ContainerImage.fromEcrRepository(repository, ecr.group(4));
    }
}
