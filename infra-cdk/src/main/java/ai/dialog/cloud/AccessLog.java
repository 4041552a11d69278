package ai.dialog.cloud;

import software.amazon.awscdk.services.apigateway.AccessLogField;
import software.amazon.awscdk.services.apigateway.AccessLogFormat;

/** A line for each call, in JSON: who, what, how it ended. No header and no body, and so no credential and no prompt. */
final class AccessLog {

    static final AccessLogFormat FORMAT = AccessLogFormat.custom("{\"requestId\":\"" + AccessLogField.contextRequestId()
            + "\",\"time\":\"" + AccessLogField.contextRequestTime()
            + "\",\"ip\":\"" + AccessLogField.contextIdentitySourceIp()
            + "\",\"method\":\"" + AccessLogField.contextHttpMethod()
            + "\",\"path\":\"" + AccessLogField.contextResourcePath()
            + "\",\"status\":\"" + AccessLogField.contextStatus()
            + "\",\"bytes\":\"" + AccessLogField.contextResponseLength()
            + "\",\"latencyMs\":\"" + AccessLogField.contextResponseLatency()
            + "\"}");

    private AccessLog() {}
}
