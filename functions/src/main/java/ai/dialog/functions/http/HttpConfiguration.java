package ai.dialog.functions.http;

import ai.dialog.functions.access.Access;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.function.context.FunctionCatalog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The {@link Gateway} as a bean; takes {@link GatewaySettings} where there are some. The gateway logs what nobody foresaw;
 * Spring Cloud Function also logs each request that a function refuses, as an error: an application turns that off with
 * {@code logging.level.org.springframework.cloud.function.context.catalog=OFF}.
 */
@Configuration(proxyBeanMethods = false)
public class HttpConfiguration {

    /** The gateway to the functions of this application. */
    @Bean
    public Gateway gateway(FunctionCatalog catalog, Access access, ObjectProvider<GatewaySettings> settings) {
        return new Gateway(catalog, access, settings.getIfAvailable(() -> GatewaySettings.DEFAULTS));
    }
}
