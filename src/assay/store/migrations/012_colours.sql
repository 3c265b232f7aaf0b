-- The colour that a value of a dimension was given, once and for everybody. `given` is the order in which they were:
-- where a file later chooses a colour that another value has, what was given first keeps it longest.

CREATE TABLE assay.colour (
    dimension text NOT NULL,
    value text NOT NULL,
    hue smallint NOT NULL CHECK (hue BETWEEN 1 AND 8),
    given bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (dimension, value)
);
