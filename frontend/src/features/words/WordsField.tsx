import { CornerDownLeft } from "lucide-react";
import { type Ref, useId } from "react";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";

const LONGEST_WORDS = 2000;

interface WordsFieldProps {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
  onSay: (words: string) => void;
  action: string;
  /** Set larger: the first thing that is read here. */
  isMain?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}

/** A field for words. Enter says them, Shift and Enter begin a new line. */
export function WordsField({
  label,
  placeholder,
  value,
  onChange,
  onSay,
  action,
  isMain,
  ref,
}: WordsFieldProps) {
  const id = useId();
  const words = value.trim();
  const say = () => {
    if (words) onSay(words);
  };
  return (
    <form
      className="grid gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        say();
      }}
    >
      <label htmlFor={id} className={isMain ? "text-body font-medium" : "text-label text-soft"}>
        {label}
      </label>
      <div className="flex items-end gap-2 rounded-[10px] border border-line bg-surface p-1.5 pl-3 focus-within:border-accent focus-within:shadow-[0_0_0_3px_var(--accent-soft)]">
        <textarea
          ref={ref}
          id={id}
          rows={1}
          maxLength={LONGEST_WORDS}
          value={value}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            // With Ctrl or Cmd it means the whole dialog.
            if (event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            say();
          }}
          className={classes(
            "field-sizing-content max-h-32 min-w-0 flex-1 resize-none self-center bg-transparent leading-snug outline-none",
            isMain ? "py-1 text-told" : "py-0.5 text-body",
          )}
        />
        <Button type="submit" look={isMain ? "primary" : "plain"} disabled={!words}>
          {action}
          <CornerDownLeft className="size-3.5 opacity-70" aria-hidden />
        </Button>
      </div>
    </form>
  );
}
