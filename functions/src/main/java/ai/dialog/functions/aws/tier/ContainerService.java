package ai.dialog.functions.aws.tier;

/** An ECS service as it is asked and started; each call may block, and fails with a {@code RuntimeException}. */
interface ContainerService {

    /** The service now. */
    Snapshot describe();

    /** Sets the desired count to one; the service after that. Only for a service that was just seen to want none. */
    Snapshot startOne();
}
