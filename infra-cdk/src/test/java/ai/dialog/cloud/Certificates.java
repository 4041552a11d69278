package ai.dialog.cloud;

/** Names of certificates that exist nowhere, in the account that AWS's documents use. */
final class Certificates {

    static final String PUBLIC =
            "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000001";
    static final String INTERNAL =
            "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000002";

    private Certificates() {}
}
