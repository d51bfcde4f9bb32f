package io.topicstream.cdk;

/// Where it is said what was chosen.
interface Source {
    String text(Input input);

    Number number(Input input);

    /// Whether a text is `true`.
    Choice isTrue(Input input);

    /// Whether it is another text than none, and another number than 0.
    Choice isGiven(Input input);

    /// Yes where any is.
    ///
    /// @param name of the answer
    Choice either(String name, Choice one, Choice other);

    /// Yes where both are.
    Choice both(String name, Choice one, Choice other);

    /// The days that belong to the hours of [Input#MESSAGE_RETENTION_HOURS].
    Number archiveDays();
}
