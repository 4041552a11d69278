package ai.dialog.functions.aws;

import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.http.Gateway;
import java.io.InputStream;
import java.util.function.Function;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.Message;

/** The functions on the managed Java runtime, each handler with its own paths. */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import(LambdaApplication.class)
public class HandlersApplication {

    /** Conversations and texts. */
    @Bean
    Function<Message<InputStream>, byte[]> chatHandler(Gateway gateway, AuditLog log) {
        return new ProxyFunction(gateway, log, OwnPaths.CHAT);
    }

    /** Tokens, and the public keys that verify them. */
    @Bean
    Function<Message<InputStream>, byte[]> tokenHandler(Gateway gateway, AuditLog log) {
        return new ProxyFunction(gateway, log, OwnPaths.of("/v1/tokens", "/.well-known/jwks.json"));
    }

    /** The list, and each model by its id. */
    @Bean
    Function<Message<InputStream>, byte[]> modelsHandler(Gateway gateway, AuditLog log) {
        return new ProxyFunction(gateway, log, OwnPaths.of("/v1/models", "/v1/models/"));
    }

    /** For load balancers and people, and the document that describes the whole. */
    @Bean
    Function<Message<InputStream>, byte[]> healthHandler(Gateway gateway, AuditLog log) {
        return new ProxyFunction(gateway, log, OwnPaths.of("/health", "/openapi.json"));
    }
}
