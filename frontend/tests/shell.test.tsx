import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, describe, expect, it, vi } from "vitest";
import { onceAnswered } from "@/api/answers";
import { createQueryClient } from "@/api/queryClient";
import type { WorkspaceProblem } from "@/api/types";
import { ProblemsBanner } from "@/app/ProblemsBanner";
import { JoinPage } from "@/features/sign-in/JoinPage";
import { PersonBadge } from "@/features/sign-in/PersonBadge";
import { SignInPage } from "@/features/sign-in/SignInPage";
import { ConnectionMark } from "@/widgets/ConnectionMark";
import { ProofStrip } from "@/widgets/ProofStrip";
import { aProblem, aSession, aWorkspace } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const broken: WorkspaceProblem = {
  kind: "routing",
  file: "config/metric_routing.yaml",
  line: 7,
  message: "No backend is called ‘lakehous’.",
  mend: "Did you mean ‘lakehouse’?",
  metric_id: null,
  follows: [],
};

describe("the banner", () => {
  it("that there are none asks nothing again, unless an edit waits", async () => {
    let pending: object | null = null;
    let asked = 0;
    server.use(
      http.get(at("/v1/routes"), () => {
        asked += 1;
        return HttpResponse.json({
          epoch: 3,
          file: "f",
          routes: [{ metric_id: "m", pending, parity: {} }],
          problems: [],
        });
      }),
    );
    const { wire, client } = show(<ProofStrip />);
    const held = () =>
      client.getQueryData<{ routes: { pending: object | null }[] }>(["routes"])?.routes[0]?.pending;
    act(() => wire.open());
    await waitFor(() => expect(held()).toBeNull());
    act(() => wire.say({ kind: "problems", problems: [] }));
    pending = { backend: "lakehouse" };
    act(() => wire.say({ kind: "problems", problems: [broken] }));
    await waitFor(() => expect(held()).toEqual(pending));
    expect(asked).toBe(2);
    pending = null;
    act(() => wire.say({ kind: "problems", problems: [] }));
    await waitFor(() => expect(held()).toBeNull());
  });

  it("tells file, line and mend; dismissed, it stays away until the problems change", async () => {
    server.use(http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace({ problems: [broken] }))));
    const { wire } = show(<ProblemsBanner />);
    expect(await screen.findByText("config/metric_routing.yaml:7")).toBeVisible();
    expect(screen.getByText("Did you mean ‘lakehouse’?")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /Dismiss/ }));
    expect(screen.queryByText("config/metric_routing.yaml:7")).toBeNull();
    server.use(http.get(at("/v1/routes"), () => HttpResponse.json({})));
    act(() => {
      wire.open();
      wire.say({ kind: "problems", problems: [{ ...broken, line: 8 }] });
    });
    expect(await screen.findByText("config/metric_routing.yaml:8")).toBeVisible();
  });

  it("is one line with a count where several are wrong, and what follows from one is folded under it", async () => {
    const cause: WorkspaceProblem = {
      ...broken,
      line: 9,
      message: "The CSV cannot be read",
      follows: ["a: b", "c: d"],
    };
    server.use(
      http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace({ problems: [broken, cause] }))),
    );
    show(<ProblemsBanner />);
    expect(await screen.findByText("and 1 more")).toBeVisible();
    expect(screen.getByText("config/metric_routing.yaml:7")).toBeVisible();
    expect(screen.getByText("The CSV cannot be read.", { exact: false })).not.toBeVisible();
    await userEvent.click(screen.getByText("and 1 more"));
    expect(screen.getByText("The CSV cannot be read.", { exact: false })).toBeVisible();
    expect(screen.getByText("a: b")).not.toBeVisible();
    await userEvent.click(screen.getByText("2 more follow from it"));
    expect(screen.getByText("a: b")).toBeVisible();
  });

  it("is not there when all is well", async () => {
    const { client, container } = show(<ProblemsBanner />);
    await waitFor(() => expect(client.getQueryData(["workspace"])).toBeDefined());
    expect(container).toBeEmptyDOMElement();
  });
});

describe("the state of the connection", () => {
  it("is told as it is, with a way to try at once", () => {
    const { wire } = show(<ConnectionMark />);
    expect(screen.getByRole("status")).toHaveTextContent("connecting");
    act(() => wire.open());
    expect(screen.getByRole("status")).toHaveTextContent("live");
    act(wire.fail);
    expect(screen.getByRole("status")).toHaveTextContent("reconnecting");
    expect(screen.getByRole("button", { name: /again in/ })).toBeEnabled();
  });
});

describe("the person's badge", () => {
  it("says which rows are seen, by policy or for want of one", async () => {
    const access = "Revision 3 of the policies in access/ is in force.";
    server.use(
      http.get(at("/v1/session"), () => HttpResponse.json(aSession())),
      http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace({ access }))),
    );
    show(<PersonBadge />);
    await userEvent.click(await screen.findByRole("button", { name: "ann: every role" }));
    expect(await screen.findByText(access)).toBeVisible();
  });
});

describe("one's own sign-in", () => {
  it("closes the badge before a dialog opens, and the code to scan is black on white", async () => {
    const secret = "ABCDEFGH";
    server.use(
      http.get(at("/v1/session"), () => HttpResponse.json(aSession({ kind: "person", has_password: true }))),
      http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace())),
      http.post(at("/v1/me/factor/new"), () =>
        HttpResponse.json({ secret, picture: "data:image/png;base64," }),
      ),
    );
    show(<PersonBadge />);
    await userEvent.click(await screen.findByRole("button", { name: "ann: admin" }));
    await userEvent.click(await screen.findByRole("button", { name: "Set second factor" }));
    expect(await screen.findByText(secret)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Sign out" })).not.toBeInTheDocument();
    expect(screen.getByRole("img")).toHaveStyle({ background: "#fff" });
  });
});

describe("a link to join", () => {
  it("that is over offers nothing to choose", async () => {
    const over = aProblem({
      status: 404,
      kind: "not_found",
      detail: "This link is over.",
      mend: "ask an admin",
    });
    server.use(http.post(at("/v1/link"), () => HttpResponse.json(over, { status: 404 })));
    show(<JoinPage />, "/join#used");
    expect(await screen.findByRole("alert")).toHaveTextContent("This link is over. Ask an admin.");
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Sign in" })).toHaveAttribute("href", "/");
  });
});

describe("what comes after the first numbers", () => {
  afterEach(() => void vi.useRealTimers());

  it.each([
    [[], true],
    [[["answer", {}]], false],
  ])("comes at once where the page asks for none", async (asked, isThere) => {
    vi.useFakeTimers();
    const client = createQueryClient(() => {});
    const run = vi.fn();
    onceAnswered(client, run);
    for (const queryKey of asked) client.getQueryCache().build(client, { queryKey });
    client.setQueryData(["workspace"], {});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run.mock.calls.length > 0).toBe(isThere);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(run).toHaveBeenCalledOnce();
  });
});

describe("signing in", () => {
  it("says when the token is wrong, and keeps what was typed", async () => {
    server.use(
      http.post(at("/v1/session"), () =>
        HttpResponse.json(
          aProblem({ status: 401, kind: "sign_in_required", detail: "This is not the token." }),
          {
            status: 401,
          },
        ),
      ),
      http.get(at("/v1/session"), () =>
        HttpResponse.json({ ...aSession(), who: null, asks_for_sign_in: true }),
      ),
    );
    show(<SignInPage />);
    await userEvent.type(await screen.findByLabelText("Token"), "guess");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("This is not the token.");
    expect(screen.getByLabelText("Token")).toHaveValue("guess");
  });

  it("asks for a code where there is a second factor, and offers every way there is", async () => {
    const sent: unknown[] = [];
    server.use(
      http.post(at("/v1/session"), async ({ request }) => {
        sent.push(await request.json());
        const problem = aProblem({
          status: 401,
          kind: "second_factor_required",
          detail: "A code is needed.",
        });
        return HttpResponse.json(problem, { status: 401 });
      }),
      http.get(at("/v1/session"), () =>
        HttpResponse.json({
          ...aSession(),
          who: null,
          asks_for_sign_in: true,
          ways: ["password", "token"],
          providers: [{ name: "corp", label: "Example Corp" }],
        }),
      ),
    );
    show(<SignInPage />);
    expect(await screen.findByRole("button", { name: "Continue with Example Corp" })).toBeEnabled();
    expect(screen.getByRole("button", { name: "Sign in with the server's token" })).toBeEnabled();
    await userEvent.type(screen.getByLabelText("Email address"), "jane@x.example");
    await userEvent.type(screen.getByLabelText("Password"), "four words");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await userEvent.type(await screen.findByLabelText(/^Code/), "123456");
    expect(screen.queryByRole("alert")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    const typed = { email: "jane@x.example", password: "four words" };
    expect(sent).toEqual([typed, { ...typed, code: "123456" }]);
  });
});
