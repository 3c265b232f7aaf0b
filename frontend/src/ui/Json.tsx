import { CopyButton } from "./CopyButton";

export function Json({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="grid gap-2">
      <pre className="max-h-[52dvh] overflow-y-auto rounded-lg bg-sunken p-3 font-mono text-mark leading-[1.5] [overflow-wrap:anywhere] whitespace-pre-wrap">
        {text}
      </pre>
      <div>
        <CopyButton text={text} label={label} />
      </div>
    </div>
  );
}
