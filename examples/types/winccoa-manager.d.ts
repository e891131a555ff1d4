// As much of WinCC OA's package as the example uses: it comes with WinCC OA and is on no registry.
declare module 'winccoa-manager' {
  export class WinccoaManager {
    dpSetWait(name: string, value: unknown): Promise<boolean>;
    logInfo(...text: unknown[]): void;
    logWarning(...text: unknown[]): void;
  }
}
