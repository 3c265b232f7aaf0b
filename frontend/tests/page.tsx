import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { LiveProvider } from "@/api/LiveProvider";
import type { Source } from "@/api/LiveStream";
import { createQueryClient } from "@/api/queryClient";
import type { StreamMessage } from "@/api/types";

/** The server's side of the stream, in the hands of the test. */
export class Wire implements Source {
  onopen: Source["onopen"] = null;
  onmessage: Source["onmessage"] = null;
  onerror: Source["onerror"] = null;
  isClosed = false;

  /** The head of the answer has come, and nothing else yet. */
  connect = () => this.onopen?.();
  open = (resumed = false, id?: string) => {
    this.connect();
    this.say({ kind: "hello", sees: null, route_epoch: 1, catalog_version: "c", resumed }, id);
  };
  fail = () => this.onerror?.();
  say = (message: StreamMessage, lastEventId?: string) =>
    this.onmessage?.({ data: JSON.stringify(message), ...(lastEventId && { lastEventId }) });
  close() {
    this.isClosed = true;
  }
}

/** Everything a part of the page stands in: queries, the stream, the address. */
export function show(content: ReactNode, address = "/") {
  const wire = new Wire();
  const client = createQueryClient(() => {});
  const shown = render(
    <QueryClientProvider client={client}>
      <LiveProvider open={() => wire}>
        <MemoryRouter initialEntries={[address]}>{content}</MemoryRouter>
      </LiveProvider>
    </QueryClientProvider>,
  );
  return { ...shown, wire, client };
}
