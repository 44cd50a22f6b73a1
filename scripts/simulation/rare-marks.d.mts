export declare function marksIn(source: string): string[];
export declare function withCalls(source: string): string;
