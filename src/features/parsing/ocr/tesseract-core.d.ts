declare module 'tesseract.js-core/tesseract-core-simd-lstm.wasm.js' {
  interface TessBaseAPI {
    Init(path: string, languages: string, engine: number): number;
    SetVariable(name: string, value: string): void;
    SetImageFile(exif: number, angle: number): number;
    Recognize(monitor: null): number;
    GetTSVText(page: number): string;
    MeanTextConf(): number;
    Clear(): void;
    End(): void;
  }
  interface TesseractCore {
    FS: { writeFile(path: string, data: Uint8Array): void; unlink(path: string): void };
    TessBaseAPI: new () => TessBaseAPI;
  }
  const load: (options: {
    print: (text: string) => void;
    printErr: (text: string) => void;
  }) => Promise<TesseractCore>;
  export default load;
  export type { TessBaseAPI, TesseractCore };
}
