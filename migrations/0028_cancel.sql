-- +goose Up
-- Old and new replicas can run together: old ones cancel nothing. The shop's role needs the right to change the status:
-- run migrate with --grant-to once more.
-- +goose StatementBegin
CREATE FUNCTION cancel_left(o orders) RETURNS interval LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN o.status = 'placed' THEN greatest(o.placed + interval '30 minutes' - statement_timestamp(), interval '0') ELSE interval '0' END;
-- +goose StatementEnd
COMMENT ON FUNCTION cancel_left(orders) IS 'how long the customer may still cancel the order';

-- +goose Down
DROP FUNCTION cancel_left(orders);
