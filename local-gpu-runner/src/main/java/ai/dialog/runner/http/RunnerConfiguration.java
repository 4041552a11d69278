package ai.dialog.runner.http;

import ai.dialog.functions.FunctionsConfiguration;
import ai.dialog.functions.audit.AuditLog;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.GatewaySettings;
import ai.dialog.functions.http.HttpConfiguration;
import ai.dialog.runner.audit.QueuedAuditLog;
import ai.dialog.runner.metrics.ServiceMetrics;
import ai.dialog.runner.tls.Tls;
import java.time.Duration;
import java.util.HashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration;
import org.springframework.cloud.function.web.flux.ReactorAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.codec.ServerCodecConfigurer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.reactive.HandlerMapping;
import org.springframework.web.reactive.config.EnableWebFlux;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.netty.http.server.HttpServer;

/**
 * The server's beans, each named here. Nothing is scanned for and, of the automatic configurations, only Spring Cloud
 * Function's are taken: of the time to start, looking for the others was the larger part.
 */
@Configuration(proxyBeanMethods = false)
@EnableWebFlux
@Import({FunctionsConfiguration.class, HttpConfiguration.class})
@ImportAutoConfiguration({ContextFunctionCatalogAutoConfiguration.class, ReactorAutoConfiguration.class})
class RunnerConfiguration implements WebFluxConfigurer {

    private static final int HEAD_LIMIT = 32 * 1024;
    private static final int REQUEST_LINE_LIMIT = 8 * 1024;
    /** As long as for a request's head: both are a few packets. */
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(15);

    private static final int AFTER_THE_FUNCTIONS = Ordered.LOWEST_PRECEDENCE;

    private final ServerSettings settings;

    RunnerConfiguration(ServerSettings settings) {
        this.settings = settings;
    }

    @Bean
    NettyReactiveWebServerFactory webServerFactory(ObjectProvider<Tls> tls) {
        var factory = new NettyReactiveWebServerFactory(settings.port());
        factory.setAddress(settings.address());
        factory.setShutdown(Shutdown.GRACEFUL);
        factory.addServerCustomizers(server -> guarded(server, settings));
        tls.ifAvailable(own -> factory.addServerCustomizers(
                server -> server.secure(spec -> spec.sslContext(own.context()).handshakeTimeout(HANDSHAKE_TIMEOUT))));
        return factory;
    }

    /** A server that bounds what a connection may ask of it. */
    static HttpServer guarded(HttpServer server, ServerSettings settings) {
        return ConnectionGuard.on(
                server.idleTimeout(settings.bounds().idleTimeout())
                        .httpRequestDecoder(decoder ->
                                decoder.maxInitialLineLength(REQUEST_LINE_LIMIT).maxHeaderSize(HEAD_LIMIT)),
                new OpenConnections(settings),
                settings.bounds().idleTimeout());
    }

    @Bean
    HttpHandler httpHandler(ApplicationContext context, AuditLog log, ServiceMetrics metrics) {
        return new AuditedHandler(
                WebHttpHandlerBuilder.applicationContext(context).build(), metrics.counting(log));
    }

    /** Opened once the address is known to be free: a start that fails leaves no file behind. */
    @Bean
    AuditLog auditLog() {
        var wanted = settings.audit();
        return wanted == null ? AuditLog.NONE : QueuedAuditLog.open(wanted);
    }

    @Bean
    GatewaySettings gatewaySettings() {
        var defaults = GatewaySettings.DEFAULTS;
        var callers = settings.callers();
        return new GatewaySettings(
                defaults.chatDefinition(), settings.bounds().bodyBytes(), callers.corsOrigins(), callers.allowed());
    }

    @Bean
    HandlerMapping routes(Gateway gateway, ServiceMetrics metrics) {
        var handler = new GatewayHandler(gateway, settings.bounds());
        var routes = new HashMap<String, WebHandler>();
        routes.put("/v1/**", handler);
        routes.put("/health", handler);
        routes.put("/.well-known/**", handler);
        routes.put("/openapi.json", handler);
        routes.put(MetricsHandler.PATH, new MetricsHandler(gateway, metrics, settings));
        routes.put("/**", new PageHandler());
        return new SimpleUrlHandlerMapping(routes, AFTER_THE_FUNCTIONS);
    }

    @Bean
    @Order(0)
    WebFilter securityHeaders() {
        var tls = settings.tls();
        return new SecurityHeaders(tls != null && tls.given() != null);
    }

    @Bean
    @Order(1)
    WebFilter callerFilter(GatewaySettings gatewaySettings) {
        return new CallerFilter(settings.callers(), gatewaySettings);
    }

    @Bean
    @Order(2)
    WebFilter functionsFilter(Gateway gateway) {
        return new FunctionsFilter(gateway, settings.bounds());
    }

    @Bean
    @Order(-2)
    WebExceptionHandler errorResponses(Gateway gateway) {
        return new ErrorResponses(gateway);
    }

    /** Spring's own reads about all locales when it starts, and nobody asks for a message. */
    @Bean
    MessageSource messageSource() {
        return new NoMessages();
    }

    @Bean
    DefaultLifecycleProcessor lifecycleProcessor() {
        var lifecycle = new DefaultLifecycleProcessor();
        lifecycle.setTimeoutPerShutdownPhase(settings.shutdownGrace().toMillis());
        return lifecycle;
    }

    @Override
    public void configureHttpMessageCodecs(ServerCodecConfigurer codecs) {
        codecs.defaultCodecs().maxInMemorySize(settings.bounds().bodyBytes());
    }
}
