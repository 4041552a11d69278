package ai.dialog.functions.aws;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;

/** DynamoDB that fails when it is told to: before a write, or after it, so that the write took effect and its answer is lost. */
final class FaultyDynamo implements DynamoDbClient {

    private final DynamoDbClient real;
    private final AtomicInteger writes = new AtomicInteger();
    private volatile int throttled;
    private volatile int answersLost;
    private volatile @Nullable Runnable meanwhile;

    FaultyDynamo(DynamoDbClient real) {
        this.real = real;
    }

    /** The next so many calls are refused. */
    void throttle(int calls) {
        throttled = calls;
    }

    /** The next so many calls are carried out, and time out. */
    void loseAnswers(int calls) {
        answersLost = calls;
    }

    /** This happens before the next put. */
    void beforePut(Runnable event) {
        meanwhile = event;
    }

    /** How many writes there were. */
    int writes() {
        return writes.get();
    }

    @Override
    public UpdateItemResponse updateItem(UpdateItemRequest request) {
        writes.incrementAndGet();
        return call(() -> real.updateItem(request));
    }

    @Override
    public PutItemResponse putItem(PutItemRequest request) {
        writes.incrementAndGet();
        var event = meanwhile;
        meanwhile = null;
        if (event != null) {
            event.run();
        }
        return call(() -> real.putItem(request));
    }

    @Override
    public GetItemResponse getItem(GetItemRequest request) {
        return call(() -> real.getItem(request));
    }

    private synchronized <T> T call(Supplier<T> call) {
        if (throttled > 0) {
            throttled--;
            throw ProvisionedThroughputExceededException.builder()
                    .message("throttled for a test")
                    .build();
        }
        T answer = call.get();
        if (answersLost > 0) {
            answersLost--;
            throw timeout();
        }
        return answer;
    }

    private static SdkException timeout() {
        return ApiCallTimeoutException.create(1);
    }

    @Override
    public String serviceName() {
        return "dynamodb";
    }

    @Override
    public void close() {}
}
