declare const LOGSHIP_VERSION: string | undefined;
declare const LOGSHIP_BUILD: string | undefined;

/** What `logship --version` prints; both parts are stamped in by the build, which says what it was made of. */
export const version =
  typeof LOGSHIP_VERSION === "string" && typeof LOGSHIP_BUILD === "string"
    ? `logship ${LOGSHIP_VERSION} (${LOGSHIP_BUILD})`
    : "logship unbuilt";
