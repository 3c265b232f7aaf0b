import { Component, type ReactNode } from "react";
import { Trouble } from "./Trouble";

interface Props {
  /** A change of this resets the boundary: another page, another try. */
  resetKey: string;
  children: ReactNode;
}

interface State {
  error: Error | null;
  resetKey: string;
}

/** One broken part says so in its place; the rest of the page goes on. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: Error): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: null, resetKey: props.resetKey };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Trouble
        sentence="This part of the page broke."
        mend={this.state.error.message}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
}
