using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Gateway.Rest.ContractValues;
using Contract = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

internal static class SyncMapping
{
    extension(NewSync sync)
    {
        /// <summary>
        /// A database is read with a password that the request brings, or a consent is overruled: neither is an operator's to decide.
        /// </summary>
        public bool NeedsAdmin() => sync.Source?.Table is not null || sync.Consent?.Resubscribe is true;

        public Result<Contract.CreateSyncRequest> ToContract(string idempotencyKey)
        {
            if (sync.Limit < 1)
            {
                return Failure.InvalidField("limit", "limit must be 1 or more; leave it out for all rows.");
            }

            if (sync.Rate < 1)
            {
                return Failure.InvalidField("rate", "rate must be 1 call a minute or more; leave it out for the usual rate.");
            }

            if (sync.Source is null)
            {
                return Failure.InvalidField("source", "source is missing: give it an upload_id or a table.");
            }

            if (!sync.Source.ToContract().Succeeded(out var source, out var failure))
            {
                return failure;
            }

            var request = new Contract.CreateSyncRequest
            {
                Source = source,
                ListKey = DefaultList.KeyOf(sync.ListKey),
                DryRun = sync.DryRun ?? false,
                Limit = sync.Limit ?? 0,
                Rate = sync.Rate ?? 0,
                IdempotencyKey = idempotencyKey,
            };
            request.Mapping.AddRange((sync.Mapping ?? []).Select(
                FieldMapping? (pair) => pair).Select(pair => new Contract.FieldMapping { Column = pair?.Column ?? "", Field = pair?.Field ?? "" }));
            request.Filters.AddRange((sync.Filters ?? []).Select(RowFilter? (filter) => filter).Select(
                filter => new Contract.RowFilter { Column = filter?.Column ?? "", Values = { (filter?.Values ?? []).Select(value => value ?? "") } }));
            request.IgnoredColumns.AddRange((sync.IgnoredColumns ?? []).Select(column => column ?? ""));
            if (sync.Consent is { } consent)
            {
                request.Consent = new() { Resubscribe = consent.Resubscribe, Reason = consent.Reason ?? "" };
            }

            return request;
        }
    }

    extension(SyncSource source)
    {
        public Result<Contract.SyncSource> ToContract() => (source.UploadId, source.Table) switch
        {
            ({ Length: > 0 } id, null) => new Contract.SyncSource { UploadId = id },
            (null, { } table) => table.ToContract().Succeeded(out var rows, out var failure) ? new Contract.SyncSource { Table = rows } : failure,
            _ => Failure.InvalidField("source", "source must have either an upload_id or a table."),
        };
    }

    extension(TableSource table)
    {
        public Result<Contract.TableSource> ToContract()
        {
            var source = new Contract.TableSource { ConnectionString = table.ConnectionString ?? "", KeyColumn = table.KeyColumn ?? "" };
            switch (table.Table, table.Query)
            {
                case ({ Length: > 0 }, null):
                    source.Table = table.Table;
                    return source;
                case (null, { Length: > 0 }):
                    source.Query = table.Query;
                    return source;
                default:
                    return Failure.InvalidField("source.table", "source.table must have either a table or a query.");
            }
        }
    }

    extension(Contract.Sync sync)
    {
        public Sync ToApi() => new(
            sync.Id,
            sync.State.As<SyncState>(),
            OrNull(sync.Code),
            OrNull(sync.Message),
            sync.DryRun,
            sync.ListKey,
            sync.Limit == 0 ? null : sync.Limit,
            sync.Rate,
            [.. sync.Mapping.Select(pair => new FieldMapping(pair.Column, pair.Field))],
            sync.Source,
            (sync.Counts ?? new()).ToApi(),
            sync.Calls,
            sync.ContactsPerMinute,
            Time(sync.EtaAt),
            Time(sync.ResumesAt),
            Time(sync.CreatedAt),
            Time(sync.StartedAt),
            Time(sync.EndedAt),
            sync.UnmappedColumns,
            [.. sync.Filters.Select(filter => new RowFilter(filter.Column, filter.Values))],
            sync.IgnoredColumns,
            sync.ConsentColumns,
            sync.SendsConfirmations,
            Time(sync.ExpiresAt))
        {
            ConnectionId = OrNull(sync.ConnectionId),
            Account = OrNull(sync.AccountName),
            CreatedBy = OrNull(sync.CreatedBy),
        };
    }

    extension(Contract.SyncCounts counts)
    {
        public SyncCounts ToApi() => new(
            counts.Total,
            counts.Processed,
            counts.Added,
            counts.Updated,
            counts.Existing,
            counts.Suppressed,
            counts.Invalid,
            counts.Duplicate,
            counts.Errors,
            counts.Filtered,
            counts.ConfirmationSent);
    }

    extension(Contract.SyncContact contact)
    {
        public SyncContact ToApi() => new(
            contact.Position,
            contact.Email,
            contact.Outcome.As<SyncOutcome>(),
            OrNull(contact.Code),
            OrNull(contact.Message),
            Time(contact.DecidedAt));
    }

    extension(Contract.SyncEvent change)
    {
        public SyncEvent ToApi() => new(change.Sync.ToApi(), [.. change.Outcomes.Select(contact => contact.ToApi())]);
    }

    extension(Contract.UploadedSource source)
    {
        public UploadedSource ToApi() => new(source.Id, source.Name, source.Rows, source.Columns, Time(source.ExpiresAt));
    }
}
