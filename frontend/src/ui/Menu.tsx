import { Check } from "lucide-react";
import {
  cloneElement,
  type KeyboardEvent,
  lazy,
  type ReactElement,
  type ReactNode,
  Suspense,
  useContext,
  useState,
} from "react";
import { type MenuParts, MenuPartsContext } from "./menuParts";

const ITEM =
  "flex items-center gap-2 rounded-md px-2.5 py-1.5 text-ink no-underline outline-none select-none data-highlighted:bg-sunken data-disabled:text-faint [&_svg]:size-3.5 [&_svg]:text-faint";

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align?: "start" | "end";
}

const load = () => import("./OpenMenu");
const OpenMenu = lazy(() => load().then((module) => ({ default: module.OpenMenu })));

/** A menu whose code comes when somebody turns to it: until then it is a button that says what it has. */
export function Menu({ trigger, children, align = "end" }: MenuProps) {
  const [isWanted, setWanted] = useState(false);
  const turnTo = () => void load();
  const closed = cloneElement(trigger as ReactElement<Record<string, unknown>>, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: turnTo,
    onFocus: turnTo,
    onClick: () => setWanted(true),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      setWanted(true);
    },
  });
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenMenu trigger={trigger} align={align}>
        {children}
      </OpenMenu>
    </Suspense>
  );
}

function useParts(): MenuParts {
  const parts = useContext(MenuPartsContext);
  if (!parts) throw new Error("Items stand in a menu.");
  return parts;
}

export function MenuItem({
  icon,
  onPick,
  children,
}: {
  icon?: ReactNode;
  onPick: () => void;
  children: ReactNode;
}) {
  const { Item } = useParts();
  return (
    <Item className={ITEM} onClick={onPick}>
      {icon}
      {children}
    </Item>
  );
}

export function MenuSeparator() {
  const { Separator } = useParts();
  return <Separator className="my-1 border-line border-t" />;
}

interface Choice {
  value: string;
  label: string;
}

export function MenuChoices(props: { value: string; choices: Choice[]; onPick: (value: string) => void }) {
  const { RadioGroup, RadioItem, RadioItemIndicator } = useParts();
  return (
    <RadioGroup value={props.value} onValueChange={(value) => props.onPick(String(value))}>
      {props.choices.map((choice) => (
        <RadioItem key={choice.value} value={choice.value} closeOnClick className={ITEM}>
          <span className="flex-1">{choice.label}</span>
          <RadioItemIndicator>
            <Check aria-hidden />
          </RadioItemIndicator>
        </RadioItem>
      ))}
    </RadioGroup>
  );
}
