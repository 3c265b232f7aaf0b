import { useQueryClient } from "@tanstack/react-query";
import {
  AlarmClock,
  ArrowLeftRight,
  BellRing,
  BookOpenText,
  LayoutDashboard,
  Monitor,
  Moon,
  ReceiptText,
  Sigma,
  Sun,
} from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, NavLink } from "react-router";
import { onceAnswered } from "@/api/answers";
import { useOpenRecommendations } from "@/api/loop";
import { IconButton } from "@/ui/Button";
import { Menu, MenuChoices } from "@/ui/Menu";
import { setTheme, type Theme, useTheme } from "@/ui/theme";
import { paths } from "./address";
import { useHome } from "./useHome";

const PersonBadge = lazy(() =>
  import("@/features/sign-in/PersonBadge").then((m) => ({ default: m.PersonBadge })),
);

/** Null: the dashboard that is home. */
const PAGES = [
  { to: null, label: "Dashboards", icon: LayoutDashboard },
  { to: paths.desk(), label: "Live desk", icon: BellRing },
  { to: paths.alerts(), label: "Alerts", icon: AlarmClock },
  { to: paths.catalog(), label: "Metrics", icon: Sigma },
  { to: paths.routing(), label: "Routing", icon: ArrowLeftRight },
  { to: paths.receipts(), label: "Receipts", icon: ReceiptText },
  { to: paths.dictionary(), label: "Dictionary", icon: BookOpenText },
];

const THEMES: { value: Theme; label: string; icon: typeof Sun }[] = [
  { value: "system", label: "As the system", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
];

/** Who asks: told once the first numbers are there. */
function Person() {
  const client = useQueryClient();
  const [isDue, setDue] = useState(false);
  useEffect(() => onceAnswered(client, () => setDue(true)), [client]);
  return (
    <span className="grid size-7">
      <Suspense fallback={null}>{isDue && <PersonBadge />}</Suspense>
    </span>
  );
}

/** The way around: a column on a wide page, a row on a phone. */
export function Rail() {
  const theme = useTheme();
  const home = useHome() ?? "/";
  const waiting = useOpenRecommendations()?.length ?? 0;
  const ThemeIcon = THEMES.find((each) => each.value === theme)?.icon ?? Monitor;
  return (
    <nav
      aria-label="Pages"
      className="sticky top-0 z-20 flex shrink-0 flex-wrap items-center md:flex-nowrap gap-1 border-line border-b bg-bg px-3 py-2 md:h-dvh md:w-[4rem] md:flex-col md:gap-1.5 md:border-r md:border-b-0 md:px-0 md:py-3"
    >
      <Link
        to={home}
        aria-label="Assay, home"
        className="mr-2 grid size-[2.308rem] place-items-center rounded-lg bg-ink text-bg md:mr-0 md:mb-2.5"
      >
        <svg viewBox="0 0 32 32" className="size-6" aria-hidden>
          <path
            d="M9 24 16 8l7 16M12 18.5h8"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.8"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </svg>
      </Link>
      {PAGES.map(({ to, label, icon: Icon }) => (
        <NavLink
          key={label}
          to={to ?? home}
          title={label}
          aria-label={to === paths.desk() && waiting > 0 ? `${label}, ${waiting} to decide` : label}
          className="relative grid size-[2.615rem] place-items-center rounded-lg text-faint transition-colors hover:text-ink aria-[current=page]:bg-surface aria-[current=page]:text-ink aria-[current=page]:shadow-[inset_0_0_0_1px_var(--line)]"
        >
          <Icon className="size-[1.308rem]" aria-hidden />
          {to === paths.desk() && waiting > 0 && (
            <span
              aria-hidden
              className="absolute -top-0.5 -right-0.5 grid h-3.5 min-w-3.5 place-items-center rounded-full bg-accent px-[3px] text-axis leading-none font-semibold text-bg"
            >
              {waiting > 9 ? "9+" : waiting}
            </span>
          )}
        </NavLink>
      ))}
      <div className="ml-auto flex gap-1 md:mt-auto md:ml-0 md:flex-col">
        <Person />
        <Menu
          align="start"
          trigger={
            <IconButton label="Theme">
              <ThemeIcon aria-hidden />
            </IconButton>
          }
        >
          <MenuChoices value={theme} choices={THEMES} onPick={(value) => setTheme(value as Theme)} />
        </Menu>
      </div>
    </nav>
  );
}
