import { flag } from "./options.ts";

/** For all that tells how its work goes. */
export const quietOption = flag("-q, --quiet", "tell of nothing but warnings and failures");
