package ai.dialog.functions.aws.runtime;

import ai.dialog.functions.aws.LambdaApplication;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/**
 * The application of the streaming runtime: {@link LambdaApplication} without the managed handlers. Its {@code main} is what the
 * build runs to prepare the context ahead of time (Spring AOT); the function starts with {@link ChatRuntime}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@Import(LambdaApplication.class)
public class ChatRuntimeApplication {

    /** Starts the application and no loop. */
    public static void main(String[] args) {
        start();
    }

    /**
     * The started application.
     *
     * @throws RuntimeException whose innermost cause says which setting is wrong
     */
    static ConfigurableApplicationContext start() {
        // As for the managed handlers: settings of this program alone.
        System.setProperty("spring.config.name", "ai-dialog-lambda");
        var application = new SpringApplication(ChatRuntimeApplication.class);
        application.setMainApplicationClass(ChatRuntimeApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        return application.run();
    }
}
