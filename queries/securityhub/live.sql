-- What the hubs may still hold: `lost` where a hub is off, was switched off and on again, or has let the finding expire, and where
-- the account left the organization and only its own hub could be told.
select
  h.*,
  h.control_id = 'cells-can-be-read' or a.account_id is not null as known_account,
  a.audited,
  coalesce(
    u.status = 'off'
      or u.subscribed_at <> h.subscribed_at
      or (a.account_id is null and h.target_account = h.account_id)
      or (h.record_state = 'ARCHIVED' and h.updated_at + interval '30' day <= p.now_at)
      or (h.record_state = 'ACTIVE' and h.updated_at + interval '90' day <= p.now_at),
    false
  ) as lost
from held as h
cross join publish_settings as p
left join hubs_now as u on u.account_id = h.target_account and u.region = h.target_region
left join accounts as a on a.account_id = h.account_id
