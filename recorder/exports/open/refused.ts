/** The file is not what it should be, or not for whoever opens it. Its message is a sentence for them. */
export class ExportRefused extends Error {}
