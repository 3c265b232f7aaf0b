import { QueryObserver } from "@tanstack/react-query";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api, fetchInTime, told } from "@/api/client";
import { createQueryClient } from "@/api/queryClient";
import {
  followSession,
  forgetKept,
  isSignInRequired,
  onSessionLost,
  requireSignIn,
  signIn,
  signOut,
} from "@/api/session";
import { aDashboard, aWorkspace } from "./examples";
import { at, server } from "./server";

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a session that changes", () => {
  /** A page that shows a dashboard: what stands in it stands as long as its frame is there. */
  async function shown() {
    const client = createQueryClient(requireSignIn);
    const frame = new QueryObserver(client, {
      queryKey: ["dashboard", "overview"],
      queryFn: () =>
        told(api.GET("/v1/dashboards/{dashboard_id}", { params: { path: { dashboard_id: "overview" } } })),
    });
    const figure = new QueryObserver(client, {
      queryKey: ["answer"],
      queryFn: () => told(api.GET("/v1/workspace")),
    });
    const seen: boolean[] = [];
    const ends = [
      frame.subscribe(({ data }) => void seen.push(data !== undefined)),
      figure.subscribe(() => {}),
    ];
    await vi.waitFor(() => expect([frame, figure].every((each) => each.getCurrentResult().data)).toBe(true));
    seen.length = 0;
    requireSignIn();
    return { client, frame, seen, end: () => ends.forEach((each) => void each()) };
  }

  const answering = (...replies: (() => Response)[]) => {
    server.use(
      http.post(at("/v1/session"), () => new HttpResponse(null, { status: 204 })),
      http.get(at("/v1/dashboards/overview"), () => {
        const reply = replies.length > 1 ? replies.shift() : replies[0];
        return (reply as () => Response)();
      }),
    );
  };
  const there = () => HttpResponse.json(aDashboard());

  it("keeps the frame that a form stands in until it was read anew, also over a server that is away meanwhile", async () => {
    const away = () =>
      HttpResponse.json({ kind: "store_unavailable", detail: "away", status: 503 }, { status: 503 });
    answering(there, HttpResponse.error, away, there);
    const { client, seen, frame, end } = await shown();
    let isOver = false;
    void signIn(client, { token: "token" }).then(() => {
      isOver = true;
    });
    while (!isOver) await vi.advanceTimersByTimeAsync(100);
    expect(seen).not.toContain(false);
    expect(frame.getCurrentResult().status).toBe("success");
    expect(isSignInRequired()).toBe(false);
    end();
  });

  it("drops a frame that the new session may not have, and asks for a session that is refused", async () => {
    const refused = () =>
      HttpResponse.json({ kind: "not_found", detail: "none", status: 404 }, { status: 404 });
    answering(there, refused);
    const { client, seen, end } = await shown();
    await signIn(client, { token: "token" });
    expect(seen).toContain(false);
    expect(isSignInRequired()).toBe(false);
    end();
  });
});

describe("a sign-out that the server does not hear", () => {
  it("covers the page, and is told before anything else is asked", async () => {
    const asked: string[] = [];
    let isAway = true;
    server.use(
      http.delete(at("/v1/session"), () => {
        asked.push("end");
        return isAway ? HttpResponse.error() : HttpResponse.json({ go_to: null });
      }),
      http.get(at("/v1/workspace"), () => {
        asked.push("workspace");
        return HttpResponse.json(aWorkspace());
      }),
    );
    const client = createQueryClient(requireSignIn);
    const stop = followSession(client);
    await expect(signOut(client)).rejects.toThrow();
    expect(isSignInRequired()).toBe(true);
    await expect(told(api.GET("/v1/workspace"))).rejects.toThrow();
    expect(asked).toEqual(["end", "end"]);
    isAway = false;
    await told(api.GET("/v1/workspace"));
    await told(api.GET("/v1/workspace"));
    expect(asked).toEqual(["end", "end", "end", "workspace", "workspace"]);
    await vi.waitFor(() => expect(isSignInRequired()).toBe(false));
    stop();
  });
});

describe("the deadline of a request", () => {
  const silent = (_: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });

  /** Nobody ever answers, or the body stops in its middle. */
  function unanswering(isHalf: boolean) {
    vi.stubGlobal("fetch", (request: Request) => {
      if (!isHalf) return silent(null, request);
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"half'));
          request.signal.addEventListener("abort", () => controller.error(request.signal.reason));
        },
      });
      return Promise.resolve(new Response(body));
    });
  }

  it.each([
    { method: "GET", path: "/v1/workspace", seconds: 40, isHalf: false },
    { method: "GET", path: "/v1/workspace", seconds: 40, isHalf: true },
    { method: "POST", path: "/v1/data", seconds: 40, isHalf: false },
    { method: "POST", path: "/v1/metrics/csat/rows", seconds: 40, isHalf: true },
    { method: "PUT", path: "/v1/routes/csat", seconds: 150, isHalf: false },
  ])(
    "$method $path, half a body: $isHalf, is given up after $seconds s and told as silence",
    async (asked) => {
      unanswering(asked.isHalf);
      const { method, path, seconds } = asked;
      let failed: unknown;
      const over = fetchInTime(new Request(at(path), { method })).catch((error) => {
        failed = error;
      });
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1000);
      expect(failed).toBeUndefined();
      await vi.advanceTimersByTimeAsync(1500);
      await over;
      expect(failed).toMatchObject({ problem: { kind: "server_silent", status: 0 } });
    },
  );

  it("is over with the answer, and leaves who gives up their own reason", async () => {
    server.use(http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace())));
    expect(vi.getTimerCount()).toBe(0);
    expect((await fetchInTime(new Request(at("/v1/workspace")))).status).toBe(200);
    expect(vi.getTimerCount()).toBe(0);
    unanswering(false);
    const leaving = new AbortController();
    const over = fetchInTime(new Request(at("/v1/workspace"), { signal: leaving.signal }));
    leaving.abort(new Error("left"));
    await expect(over).rejects.toThrow("left");
  });
});

describe("what whoever asks sees", () => {
  const answered = (...sees: string[]) =>
    http.get(at("/v1/workspace"), () => {
      const headers = { "assay-sees": (sees.length > 1 ? sees.shift() : sees[0]) as string };
      return HttpResponse.json(aWorkspace(), { headers });
    });

  it("drops all that was told before as soon as it is something else", async () => {
    server.use(answered("west", "west", "midwest"));
    const client = createQueryClient(requireSignIn);
    const lost = vi.fn();
    const stops = [followSession(client), onSessionLost(lost)];
    client.setQueryData(["answer", "of before"], 1);
    for (let times = 0; times < 2; times++) await told(api.GET("/v1/workspace"));
    expect(lost).not.toHaveBeenCalled();
    await told(api.GET("/v1/workspace"));
    expect(lost).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(client.getQueryData(["answer", "of before"])).toBeUndefined());
    for (const stop of stops) stop();
  });

  it("drops what is refused, and all that was kept", async () => {
    let isGiven = true;
    server.use(
      http.get(at("/v1/workspace"), () =>
        isGiven
          ? HttpResponse.json(aWorkspace())
          : HttpResponse.json({ kind: "not_allowed", detail: "no", status: 403 }, { status: 403 }),
      ),
    );
    const client = createQueryClient(requireSignIn, () => void forgetKept());
    const lost = vi.fn();
    const stop = onSessionLost(lost);
    const queryKey = ["answer"];
    const ask = () =>
      client.fetchQuery({ queryKey, queryFn: () => told(api.GET("/v1/workspace")), staleTime: 0 });
    await ask();
    isGiven = false;
    await expect(ask()).rejects.toThrow();
    expect(client.getQueryData(queryKey)).toBeUndefined();
    expect(lost).toHaveBeenCalledOnce();
    stop();
  });
});
