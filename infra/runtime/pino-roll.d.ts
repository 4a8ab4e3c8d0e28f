/** It has no types of its own; these are the options that we use. */
declare module 'pino-roll' {
  import type { DestinationStream } from 'pino';

  export default function openRollingFile(options: {
    file: string;
    frequency: 'daily';
    dateFormat: string;
    extension: string;
    mode: number;
    sync: boolean;
  }): Promise<DestinationStream>;
}
