/**
 * Where things are in the module's memory, for both sides: the core's source takes them from here as well. Addresses and
 * offsets in bytes; each is of a word of 32 bits, little-endian.
 */

/** What a core reads or writes may reach so far beyond the end that it is told: no more than one step of 16 bytes. */
export const SLACK_BYTES = 16;

/** What is to be taken: from INPUT_AT, which goes on as lines are taken, to INPUT_END. */
export const INPUT_AT = 64;
export const INPUT_END = 68;
/** Where the next read of daemontools ends. */
export const NEXT_READ_END = 72;
/** So many bytes of a line without its end lie behind what is selected in the first group. */
export const BEGUN_BYTES = 76;
/** 1: the line has got all its bytes that count, and what follows up to its end is passed on. */
export const IS_CUT = 80;
/** 26, or 0 for lines without a stamp. */
export const STAMP_BYTES = 84;
/** Where the stamp of the next line is; FIRST_STAMP or STAMP. */
export const STAMP_AT = 88;
/** The steps of the script, from and to; none if every line goes to the only group. */
export const STEPS_AT = 92;
export const STEPS_END = 96;
export const GROUP_COUNT = 100;
export const GROUPS_AT = 104;
/** What the action `e` shows: where, how much there is, and beyond how much room is needed first. */
export const SHOWN_AT = 108;
export const SHOWN_BYTES = 112;
export const SHOWN_LIMIT = 116;

export const FIRST_STAMP = 128;
export const STAMP = 160;

/** How many records have been taken, and the steps of their layout, from and to. */
export const RECORD_COUNT = 192;
export const RECORD_STEPS_AT = 196;
export const RECORD_STEPS_END = 200;
/** The time that records have to have: how long it is, 0 for none, the bytes, and which of them count. */
export const TIME_BYTES = 204;
export const TIME_AT = 208;
export const TIME_MASK = 240;
export const MOST_TIME_BYTES = 32;

export const FIRST_FREE = 272;

/** A step of the layout of a record: the kind of the value, how long the bytes before it are, these, and which of them count. */
export const RECORD_STEP_LITERAL = 16;
export const RECORD_STEP_MASK = 48;
export const RECORD_STEP_BYTES = 80;
export const MOST_LITERAL_BYTES = 32;
export const NO_VALUE = 0;
export const TIME = 1;
export const ADDRESS = 2;
export const WORD = 3;
/** Up to a quotation mark, without an escape; printable: of ASCII only. */
export const TEXT = 4;
export const PRINTABLE_TEXT = 5;
export const NUMBER = 6;
export const SECONDS = 7;
export const STATUS = 8;

/** A group of directories: its lines, how much there is of them, and beyond how much room is needed first. */
export const GROUP_AT = 0;
export const GROUP_BYTES = 4;
export const GROUP_LIMIT = 8;
/** How many bytes there were at the end of each read of daemontools. */
export const READ_ENDS_AT = 12;
export const READ_END_COUNT = 16;
export const IS_SELECTED = 20;
export const GROUP_WORDS_BYTES = 24;

/** A step: what it is, a number, and the bytes of a pattern, as many as the number says. */
export const STEP_NUMBER = 4;
export const STEP_HEAD_BYTES = 8;
/** A pattern that deselects or selects the lines that match. */
export const DESELECT = 0;
export const SELECT = 1;
/** The group of this number gets the selected lines. */
export const GIVE = 2;
/** The selected lines are shown, the first 200 bytes of each. */
export const SHOW = 3;
/** The selected line is copied to the address that is the number: a word with its length, then its bytes. */
export const KEEP = 4;

/** The length of a kept line where there is none, or none that is new. */
export const NOTHING_KEPT = 0xffffffff;

/** What daemontools reads at once. */
export const READ_BYTES = 1024;
/** The part of a line that is handled as a unit: what patterns see. */
export const LINE_BYTES = 1000;
/** What `e` shows of a line. */
export const SHOWN_LINE_BYTES = 200;
