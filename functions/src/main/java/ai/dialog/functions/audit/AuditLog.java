package ai.dialog.functions.audit;

/** Where audit events go. It never fails, and never makes its caller wait. */
public interface AuditLog {

    /** Keeps nothing. */
    AuditLog NONE = event -> {};

    /** Keeps an event, or counts it among those that could not be kept. */
    void write(AuditEvent event);

    /** Whether events have the messages and answers too, which are the callers' own business otherwise. */
    default boolean withPrompts() {
        return false;
    }
}
