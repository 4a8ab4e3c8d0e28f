/** Browsers differ in where permission is given; that is all that this is for. */
export type BrowserKind =
  | 'chromium'
  | 'firefox'
  | 'safari'
  | 'chromium-android'
  | 'firefox-android'
  | 'safari-ios'
  | 'other-ios'
  | 'other';

/** @param touchPoints tells an iPad, which says that it is a Mac */
export function browserKind(
  agent: string = navigator.userAgent,
  touchPoints: number = navigator.maxTouchPoints ?? 0,
): BrowserKind {
  const isApple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touchPoints > 1);
  if (isApple) return /CriOS|FxiOS|EdgiOS/.test(agent) ? 'other-ios' : 'safari-ios';
  const isAndroid = /Android/.test(agent);
  if (/Firefox\//.test(agent)) return isAndroid ? 'firefox-android' : 'firefox';
  // Chromium's, Edge's and Opera's hold “Chrome”, and “Safari” as well.
  if (/Chrome\//.test(agent)) return isAndroid ? 'chromium-android' : 'chromium';
  return /Safari\//.test(agent) ? 'safari' : 'other';
}

/** Whether nobody could take part with this browser. On a page that is not secure, that is not for it to say. */
export const isTooOld = (): boolean =>
  globalThis.isSecureContext && !('mediaDevices' in navigator && 'RTCPeerConnection' in globalThis);
