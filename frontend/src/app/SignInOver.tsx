import { lazy, Suspense, useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { useReconnect } from "@/api/LiveProvider";
import { PATHS } from "./address";

const SignInPage = lazy(() =>
  import("@/features/sign-in/SignInPage").then((m) => ({ default: m.SignInPage })),
);

/**
 * Asks who is there, over everything: also over an open dialog, whose draft is still in it afterwards. What the page has shown
 * stays covered until then, and every number is asked for again by whoever has signed in.
 */
export function SignInOver() {
  // Whoever follows a link to choose a password has none yet.
  return useLocation().pathname === PATHS.join ? null : <Over />;
}

function Over() {
  const place = useRef<HTMLDialogElement>(null);
  const reconnect = useReconnect();
  useEffect(() => {
    place.current?.showModal();
    return reconnect;
  }, [reconnect]);
  return (
    <dialog
      ref={place}
      aria-label="Sign in"
      onCancel={(event) => event.preventDefault()}
      className="m-0 size-full max-h-none max-w-none bg-bg text-ink"
    >
      <Suspense fallback={null}>
        <SignInPage />
      </Suspense>
    </dialog>
  );
}
