package ai.dialog.model.source;

import ai.dialog.model.ModelException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object in S3, or in something that speaks its protocol; credentials and region as the AWS SDK finds them. */
final class S3Source implements ByteSource, AutoCloseable {

    private final ModelReference.S3 reference;
    private final S3Client client;

    /**
     * Names an object; nothing is sent yet.
     *
     * @param endpoint instead of AWS's own, with path-style addresses as other servers need them
     * @param stall how long the server may send nothing
     */
    S3Source(ModelReference.S3 reference, @Nullable String endpoint, Duration stall) {
        this.reference = reference;
        var builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(Duration.ofSeconds(20))
                        .socketTimeout(stall))
                .region(region());
        if (endpoint != null) {
            builder.endpointOverride(URI.create(endpoint)).forcePathStyle(true);
        }
        client = builder.build();
    }

    /** S3 answers a wrong region with the right one, so any is good enough where none is set. */
    private static Region region() {
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion();
        } catch (SdkClientException e) {
            return Region.US_EAST_1;
        }
    }

    @Override
    public String shown() {
        return reference.shown();
    }

    @Override
    public Opened open(long offset, @Nullable String tag) throws IOException {
        GetObjectRequest.Builder request =
                GetObjectRequest.builder().bucket(reference.bucket()).key(reference.key());
        boolean resume = offset > 0 && tag != null;
        if (resume) {
            request.range("bytes=" + offset + "-").ifMatch(tag);
        }
        try {
            ResponseInputStream<GetObjectResponse> stream = client.getObject(request.build());
            GetObjectResponse response = stream.response();
            boolean partial = resume && response.contentRange() != null;
            long from = partial ? offset : 0;
            Long length = response.contentLength();
            return new Opened(
                    new Aborting(stream), from, length == null || length < 0 ? -1 : from + length, response.eTag());
        } catch (S3Exception e) {
            if (resume && (e.statusCode() == 412 || e.statusCode() == 416)) {
                return open(0, null);
            }
            throw refused(e);
        } catch (SdkException e) {
            if (String.valueOf(e.getMessage()).contains("credentials")) {
                throw new ModelException(
                        shown() + ": no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID"
                                + " and AWS_SECRET_ACCESS_KEY",
                        e);
            }
            throw new IOException(e.getMessage(), e);
        }
    }

    private ModelException refused(S3Exception e) throws IOException {
        if (e.statusCode() == 429 || e.statusCode() >= 500) {
            throw new IOException(shown() + " answered " + e.statusCode(), e);
        }
        String why = switch (e.statusCode()) {
            case 403 -> "; the credentials in use may not read it";
            case 404 -> "; there is no such bucket or object";
            default -> "";
        };
        return new ModelException(shown() + " answered " + e.statusCode() + why, e);
    }

    @Override
    public void close() {
        client.close();
    }

    /** The SDK reads a stream to its end when it is closed; gigabytes that nobody wants are cut off instead. */
    private static final class Aborting extends FilterInputStream {

        private final ResponseInputStream<GetObjectResponse> stream;
        private boolean ended;

        Aborting(ResponseInputStream<GetObjectResponse> stream) {
            super(stream);
            this.stream = stream;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = stream.read(buffer, offset, length);
            ended |= count < 0;
            return count;
        }

        @Override
        public void close() throws IOException {
            if (ended) {
                super.close();
            } else {
                stream.abort();
            }
        }
    }
}
