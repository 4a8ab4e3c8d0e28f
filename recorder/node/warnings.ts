/** What people in the room are told about the machine that records them. */
export const warnings = {
  storeAway:
    'The object store is not taking the recording right now. It is kept on the recorder and stored as soon as that works again.',
  diskAway:
    'The disk of the recorder takes no more. The recording is kept in memory for a short while: make room on that disk, or stop.',
  diskFilling:
    'The disk of the recorder is more than 70 % full. Everything is being recorded; make room on that disk in time.',
  diskNearlyFull:
    'The disk of the recorder is nearly full. Sound is still being recorded, pictures are not: make room on that disk.',
} as const;
