package ai.dialog.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.Effect;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyDocument;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.secretsmanager.CfnResourcePolicy;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.constructs.Construct;

/**
 * Who may not read or change a secret, whatever IAM lets them: everybody but the roles that are named, the operators of the
 * settings, CloudFormation by the role that CDK has bootstrapped for it, and the account's root, without whom a mistake here
 * could not be undone. Nothing is denied but reading and writing values: whoever deploys can always change the policy.
 */
final class SecretPolicies extends Construct {

    private static final String READ = "secretsmanager:GetSecretValue";
    private static final List<String> WRITE = List.of(
            "secretsmanager:PutSecretValue",
            // with a value in it, it writes one
            "secretsmanager:UpdateSecret",
            "secretsmanager:UpdateSecretVersionStage");

    private final List<String> operators;

    SecretPolicies(Construct scope, String id, List<String> operatorRoles) {
        super(scope, id);
        Stack stack = Stack.of(this);
        operators = new ArrayList<>();
        operators.add("arn:%s:iam::%s:root".formatted(stack.getPartition(), stack.getAccount()));
        // CloudFormation's handler of a secret reads and updates it; and who may use this role can change the policy
        // anyway
        operators.add("arn:%s:iam::%s:role/cdk-*-cfn-exec-role-%s-*"
                .formatted(stack.getPartition(), stack.getAccount(), stack.getAccount()));
        for (String role : operatorRoles) {
            operators.add("arn:%s:iam::%s:role/%s".formatted(stack.getPartition(), stack.getAccount(), role));
        }
    }

    /** Only these read it, and only the writers, who may be none, change it. */
    void limit(String id, Secret secret, List<IRole> readers, List<IRole> writers) {
        List<String> written = new ArrayList<>(WRITE);
        policy(id, secret, List.of(denied(List.of(READ), except(readers)), denied(written, except(writers))));
    }

    /** Only these read it; who may change it is IAM's affair. */
    void limitReading(String id, Secret secret, List<IRole> readers) {
        policy(id, secret, List.of(denied(List.of(READ), except(readers))));
    }

    /** Read by the caller's own application, whose role is not known here: by nobody of another account. */
    void limitToAccount(String id, Secret secret, List<IRole> writers) {
        PolicyStatement others = deny(List.of(READ))
                .conditions(Map.of(
                        "StringNotEquals",
                        Map.of("aws:PrincipalAccount", Stack.of(this).getAccount())))
                .build();
        policy(id, secret, List.of(others, denied(WRITE, except(writers))));
    }

    private List<String> except(List<IRole> roles) {
        List<String> all = new ArrayList<>(operators);
        roles.forEach(role -> all.add(role.getRoleArn()));
        return all;
    }

    private static PolicyStatement denied(List<String> actions, List<String> except) {
        return deny(actions)
                .conditions(Map.of("ArnNotLike", Map.of("aws:PrincipalArn", except)))
                .build();
    }

    private static PolicyStatement.Builder deny(List<String> actions) {
        return PolicyStatement.Builder.create()
                .effect(Effect.DENY)
                .principals(List.of(new AnyPrincipal()))
                .actions(actions)
                // in a secret's own policy it is this secret
                .resources(List.of("*"));
    }

    private void policy(String id, Secret secret, List<PolicyStatement> statements) {
        CfnResourcePolicy.Builder.create(this, id)
                .secretId(secret.getSecretArn())
                .blockPublicPolicy(true)
                .resourcePolicy(
                        PolicyDocument.Builder.create().statements(statements).build())
                .build();
    }
}
