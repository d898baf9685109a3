declare const LOGSHIP_VERSION: string | undefined;
declare const LOGSHIP_COMMIT: string | undefined;

/** What `logship --version` prints; both parts are stamped in by the build. */
export const version =
  typeof LOGSHIP_VERSION === "string" && typeof LOGSHIP_COMMIT === "string"
    ? `logship ${LOGSHIP_VERSION} (${LOGSHIP_COMMIT})`
    : "logship unbuilt";
