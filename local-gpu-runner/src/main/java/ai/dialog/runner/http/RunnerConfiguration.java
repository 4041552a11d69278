package ai.dialog.runner.http;

import ai.dialog.functions.FunctionsConfiguration;
import ai.dialog.functions.http.Gateway;
import ai.dialog.functions.http.GatewaySettings;
import ai.dialog.functions.http.HttpConfiguration;
import java.util.HashMap;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.cloud.function.context.config.ContextFunctionCatalogAutoConfiguration;
import org.springframework.cloud.function.web.flux.ReactorAutoConfiguration;
import org.springframework.context.ApplicationContext;
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
    private static final int AFTER_THE_FUNCTIONS = Ordered.LOWEST_PRECEDENCE;

    private final ServerSettings settings;

    RunnerConfiguration(ServerSettings settings) {
        this.settings = settings;
    }

    @Bean
    NettyReactiveWebServerFactory webServerFactory() {
        var factory = new NettyReactiveWebServerFactory(settings.port());
        factory.setAddress(settings.address());
        factory.setShutdown(Shutdown.GRACEFUL);
        factory.addServerCustomizers(server -> ConnectionGuard.on(
                server.idleTimeout(settings.idleTimeout())
                        .httpRequestDecoder(decoder ->
                                decoder.maxInitialLineLength(REQUEST_LINE_LIMIT).maxHeaderSize(HEAD_LIMIT)),
                settings.maxConnections()));
        return factory;
    }

    @Bean
    HttpHandler httpHandler(ApplicationContext context) {
        return WebHttpHandlerBuilder.applicationContext(context).build();
    }

    @Bean
    GatewaySettings gatewaySettings() {
        var defaults = GatewaySettings.DEFAULTS;
        return new GatewaySettings(defaults.chatDefinition(), settings.bodyLimit(), defaults.corsOrigins());
    }

    @Bean
    HandlerMapping routes(Gateway gateway) {
        var handler = new GatewayHandler(gateway, settings);
        var routes = new HashMap<String, WebHandler>();
        routes.put("/v1/**", handler);
        routes.put("/health", handler);
        routes.put("/.well-known/**", handler);
        routes.put("/openapi.json", handler);
        routes.put("/**", new PageHandler());
        return new SimpleUrlHandlerMapping(routes, AFTER_THE_FUNCTIONS);
    }

    @Bean
    @Order(0)
    WebFilter securityHeaders() {
        return new SecurityHeaders();
    }

    @Bean
    @Order(1)
    WebFilter functionsFilter(Gateway gateway) {
        return new FunctionsFilter(gateway, settings);
    }

    @Bean
    @Order(-2)
    WebExceptionHandler errorResponses(Gateway gateway) {
        return new ErrorResponses(gateway);
    }

    @Bean
    DefaultLifecycleProcessor lifecycleProcessor() {
        var lifecycle = new DefaultLifecycleProcessor();
        lifecycle.setTimeoutPerShutdownPhase(settings.shutdownGrace().toMillis());
        return lifecycle;
    }

    @Override
    public void configureHttpMessageCodecs(ServerCodecConfigurer codecs) {
        codecs.defaultCodecs().maxInMemorySize(settings.bodyLimit());
    }
}
