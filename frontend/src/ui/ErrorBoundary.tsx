import { Component, type ReactNode } from "react";
import { Trouble } from "./Trouble";

interface Props {
  /** A change of this resets the boundary: another page, another try. */
  resetKey: string;
  /** Around what stands over the page: so does its trouble, then. */
  isOver?: boolean;
  children: ReactNode;
}

interface State {
  error: Error | null;
  resetKey: string;
}

/** A part of the page that is loaded when it is wanted did not come. It will not come later either: browsers keep that. */
const isMissing = (error: Error) =>
  /dynamically imported module|module script failed|preload/i.test(error.message);

const reload = () => window.location.reload();

/** One broken part says so in its place; the rest of the page goes on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey };
  }

  private readonly tryAgain = () => this.setState({ error: null });

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const trouble = isMissing(error) ? (
      <Trouble
        sentence="This part of the page could not be loaded."
        mend="The server does not answer, or has a newer page than this one."
        onRetry={reload}
        retryLabel="Reload the page"
      />
    ) : (
      <Trouble sentence="This part of the page broke." mend={error.message} onRetry={this.tryAgain} />
    );
    if (!this.props.isOver) return trouble;
    return (
      <div className="fixed inset-x-3 bottom-4 z-[60] mx-auto max-w-[35.385rem] shadow-sheet">{trouble}</div>
    );
  }
}
