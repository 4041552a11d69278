package ai.dialog.functions.aws;

import ai.dialog.functions.limits.Meter;
import ai.dialog.functions.limits.MeterSettings;
import ai.dialog.functions.limits.Prices;
import java.time.InstantSource;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Where a Lambda function counts the use of keys with limits, and what it costs: {@code LIMITS_TABLE} names the table (see
 * {@link DynamoMeter}), {@code PRICES} has the models' prices (see {@link Prices#parse}). Without a table keys with limits
 * are refused, without prices those with budgets are.
 */
@Configuration(proxyBeanMethods = false)
class LimitsConfiguration {

    private static final String TABLE = "LIMITS_TABLE";
    private static final String PRICES = "PRICES";

    @Bean
    Meter meter(Environment environment) {
        String table = environment.getProperty(TABLE, "").strip();
        return table.isEmpty() ? new NoMeter() : DynamoMeter.open(table, InstantSource.system());
    }

    @Bean
    MeterSettings meterSettings(Environment environment) {
        try {
            return new MeterSettings(
                    Prices.parse(List.of(environment.getProperty(PRICES, ""))), MeterSettings.DEFAULT_UNASKED_TOKENS);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(PRICES + ": " + e.getMessage(), e);
        }
    }
}
