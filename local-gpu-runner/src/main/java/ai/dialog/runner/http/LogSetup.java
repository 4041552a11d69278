package ai.dialog.runner.http;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;

/**
 * Sends warnings to the error stream; the program's own words are on the output. In Java because reading the same from
 * XML takes 120 classes and a tenth of the time to start.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogSetup extends ContextAwareBase implements Configurator {

    /** Called by Logback, which finds this class through {@link java.util.ServiceLoader}. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{20} - %msg%n");
        encoder.start();
        var console = new ConsoleAppender<ILoggingEvent>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(console);
        // it logs every refused request as an error; those that are faults of ours are logged where they are answered
        context.getLogger("org.springframework.cloud.function.context.catalog").setLevel(Level.OFF);
        // it logs what a stranger sent where that is no HTTP
        context.getLogger("reactor.netty.http.server.HttpServerOperations").setLevel(Level.ERROR);
        // a start that fails is told by whoever started it
        context.getLogger(AnnotationConfigReactiveWebServerApplicationContext.class)
                .setLevel(Level.ERROR);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
