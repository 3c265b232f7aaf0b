import { useSyncExternalStore } from "react";
import { api, told } from "./client";

let signInRequired = false;
const listeners = new Set<() => void>();

export function setSignInRequired(required: boolean) {
  if (required === signInRequired) return;
  signInRequired = required;
  for (const listener of listeners) listener();
}

export const isSignInRequired = (): boolean => signInRequired;

export const useSignInRequired = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, isSignInRequired);

/** The token becomes an HttpOnly cookie: the page itself keeps nothing. */
export const signIn = (token: string) => told(api.POST("/v1/session", { body: { token } }));

export const signOut = () => told(api.DELETE("/v1/session"));
