package ai.dialog.functions.aws;

import com.amazonaws.services.dynamodbv2.local.embedded.DDBExceptionMappingInvocationHandler;
import com.amazonaws.services.dynamodbv2.local.shared.access.LocalDBClient;
import com.amazonaws.services.dynamodbv2.local.shared.access.sqlite.SQLiteDBAccess;
import com.amazonaws.services.dynamodbv2.local.shared.jobs.JobsRegister;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;

/** Amazon's DynamoDB Local in this process and in memory, with the limits' table. */
final class LocalDynamo implements AutoCloseable {

    static final String TABLE = "limits";

    private final LocalDBClient local;
    private final DynamoDbClient client;

    LocalDynamo() {
        System.setProperty("sqlite4java.library.path", nativeLibrary().toString());
        local = new LocalDBClient(
                new SQLiteDBAccess(), new JobsRegister(Executors.newVirtualThreadPerTaskExecutor(), false));
        client = proxy(local);
        client.createTable(create -> create.tableName(TABLE)
                .attributeDefinitions(AttributeDefinition.builder()
                        .attributeName(AccountItem.KEY)
                        .attributeType(ScalarAttributeType.S)
                        .build())
                .keySchema(KeySchemaElement.builder()
                        .attributeName(AccountItem.KEY)
                        .keyType(KeyType.HASH)
                        .build())
                .billingMode(BillingMode.PAY_PER_REQUEST));
    }

    /** Maven keeps SQLite's native library as an artefact of its own beside the Java one. */
    private static Path nativeLibrary() {
        try {
            var jar = Class.forName("com.almworks.sqlite4java.SQLite")
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            // …/sqlite4java/VERSION/sqlite4java-VERSION.jar
            var folder = Path.of(jar.resolve("."));
            return folder.resolve("../../libsqlite4java-linux-amd64")
                    .resolve(String.valueOf(folder.getFileName()))
                    .normalize();
        } catch (ClassNotFoundException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What DynamoDBEmbedded.create() does, which would also send telemetry to Amazon. */
    private static DynamoDbClient proxy(LocalDBClient local) {
        try {
            var constructor = DDBExceptionMappingInvocationHandler.class.getDeclaredConstructor(LocalDBClient.class);
            constructor.setAccessible(true);
            return (DynamoDbClient) Proxy.newProxyInstance(
                    DynamoDbClient.class.getClassLoader(),
                    new Class<?>[] {DynamoDbClient.class},
                    constructor.newInstance(local));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    DynamoDbClient client() {
        return client;
    }

    @Override
    public void close() {
        local.shutdownNow();
    }
}
