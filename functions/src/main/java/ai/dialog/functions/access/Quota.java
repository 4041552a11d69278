package ai.dialog.functions.access;

/**
 * Limits, and the account whose use they hold.
 *
 * @param account what is counted together: a key and those that replaced it, or one token
 */
public record Quota(String account, Limits limits) {}
