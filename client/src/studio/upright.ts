const VIDEO_ORIENTATION = 'urn:3gpp:video-orientation';

/**
 * Takes the extension away by which a phone that is held sideways only says so. Without it browsers turn the pictures
 * themselves before they are encoded, and nobody who reads the recording has to.
 */
export function upright<Capabilities extends { headerExtensions?: { uri: string }[] | undefined }>(
  capabilities: Capabilities,
): Capabilities {
  const headerExtensions = capabilities.headerExtensions?.filter(({ uri }) => uri !== VIDEO_ORIENTATION);
  return headerExtensions === undefined ? capabilities : { ...capabilities, headerExtensions };
}
