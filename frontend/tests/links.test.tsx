import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { LinkDialog } from "@/widgets/LinkDialog";
import { show } from "./page";
import { at, server } from "./server";

const QUESTION = { metrics: ["claims"], dimensions: ["region"], window: "trailing_7d" };
const ADDRESS = "https://assay.example/v1/figure.csv?link=assaylink_abc";
const HELD = {
  link_id: "link-1",
  name: "The board's sheet",
  prefix: "assaylink_abcdef",
  question: QUESTION,
  state: "holds",
  created_by: "ann@x.example",
  created_at: "2026-11-01T09:00:00.000Z",
  expires_at: "2026-12-30T09:00:00.000Z",
  last_used_at: null,
  revoked_at: null,
  revoked_by: null,
};
let links = [HELD];
const made: unknown[] = [];

beforeEach(() => {
  links = [HELD, { ...HELD, link_id: "link-2", name: "An old one", state: "expired" }];
  made.length = 0;
  server.use(
    http.get(at("/v1/links"), () => HttpResponse.json({ links })),
    http.post(at("/v1/links"), async ({ request }) => {
      made.push(await request.json());
      return HttpResponse.json({ ...HELD, address: ADDRESS }, { status: 201 });
    }),
    http.delete(at("/v1/links/link-1"), () => {
      links = [];
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

describe("a link to a figure", () => {
  it("is made of a tile's question, and shown once", async () => {
    const user = userEvent.setup();
    show(<LinkDialog title="Claims" question={QUESTION} onClose={() => undefined} />);
    const name = await screen.findByLabelText("What it is for");
    await user.clear(name);
    expect(screen.getByRole("button", { name: "Make the link" })).toBeDisabled();
    await user.type(name, "Sheet");
    await user.selectOptions(screen.getByLabelText("Ends after"), "90");
    await user.click(screen.getByRole("button", { name: "Make the link" }));
    expect(await screen.findByText(ADDRESS)).toBeVisible();
    expect(screen.getByRole("region", { name: "The link" })).toHaveTextContent("until 30 Dec 2026");
    expect(made).toEqual([{ name: "Sheet", question: QUESTION, expires_days: 90 }]);
    expect(screen.queryByRole("button", { name: "Make the link" })).toBeNull();
  });

  it("is among those that hold, and taken back", async () => {
    const user = userEvent.setup();
    show(<LinkDialog title="Claims" question={QUESTION} onClose={() => undefined} />);
    const held = await screen.findByRole("region", { name: "Links that hold" });
    expect(held).toHaveTextContent("not used yet");
    expect(within(held).getAllByRole("listitem")).toHaveLength(1);
    await user.click(within(held).getByRole("button", { name: "Take back The board's sheet" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Links that hold" })).toBeNull());
  });

  it("is refused with a reason", async () => {
    server.use(
      http.post(at("/v1/links"), () =>
        HttpResponse.json(
          { kind: "not_allowed", detail: "The figure may not be seen.", mend: null, status: 403 },
          { status: 403 },
        ),
      ),
    );
    const user = userEvent.setup();
    show(<LinkDialog title="Claims" question={QUESTION} onClose={() => undefined} />);
    await user.click(await screen.findByRole("button", { name: "Make the link" }));
    expect(await screen.findByText(/may not be seen/)).toBeVisible();
  });
});
