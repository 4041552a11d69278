package ai.dialog.functions.aws;

import org.springframework.cloud.function.adapter.aws.FunctionInvoker;

/**
 * Spring Cloud Function's Lambda entry, fixed to one function.
 *
 * <p>The invoker takes its function's name from its constructor, from the environment, or, where neither has one, from a
 * header of the request. Each deployed function is therefore a class of its own that gives the name to the constructor: no
 * setting has to be right for a caller not to have the choice.
 */
abstract class LambdaHandler extends FunctionInvoker {

    static {
        // Read by FunctionInvoker, which would otherwise search the manifests of all jars for a start class.
        System.setProperty("MAIN_CLASS", HandlersApplication.class.getName());
        // Settings of this program alone: its jar is also on the runner's class path, which has its own application
        // file.
        System.setProperty("spring.config.name", "ai-dialog-lambda");
    }

    LambdaHandler(String function) {
        super(function);
    }
}
