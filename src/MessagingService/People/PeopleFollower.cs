using System.Text.Json;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Events;
using ZohoPlatform.MessagingService.Data;
using ZohoPlatform.MessagingService.Messages;
using ZohoPlatform.MessagingService.Phones;
using ZohoPlatform.MessagingService.Settings;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.MessagingService.People;

/// <summary>
/// Follows leads and contacts in what CrmService tells of them: into the phone map, to the conversations that are linked with them, and to webhooks. What is
/// told a second time, or is what is known already, says nothing: so does a lead that the service itself has made.
/// </summary>
internal sealed partial class PeopleFollower(
    TenantDb<MessagingDbContext> db,
    [FromKeyedServices(MessagingDbContext.FollowQueue)] WorkQueue queue,
    Inbox.InboxClient inbox,
    FeatureAccess access,
    SettingsStore settings,
    Tickets tickets,
    TimeProvider clock,
    ILogger<PeopleFollower> logger)
{
    /// <summary>A stream is quiet for hours: it is renewed seldom.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private const string Purpose = "messages.people";

    private const string Converted = "converted";

    private static readonly string[] Names = ["First_Name", "Last_Name"];

    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(15);

    // between Zoho's clock and the service's
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    /// <summary>Has modules of the context's tenant followed from now on, each with its phone fields, in its transaction.</summary>
    public static async Task QueueAsync(
        MessagingDbContext context, IEnumerable<(string Module, IReadOnlyList<string> Phones)> modules, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        foreach (var (module, phones) in modules)
        {
            await context.Database.ExecuteSqlAsync(
                $"""
                WITH made AS (
                    INSERT INTO followed_modules AS f (tenant_id, module, id, region, connection_id, subscription_id, position, phones)
                    VALUES ({context.Tenant.Value}, {module}, {Guid.CreateVersion7(now)}, '', '', '', 0, {phones.ToArray()})
                    ON CONFLICT (tenant_id, module) DO UPDATE SET phones = excluded.phones
                    RETURNING id)
                INSERT INTO follow_queue (tenant_id, id, due_at) SELECT {context.Tenant.Value}, id, {now} FROM made
                ON CONFLICT DO NOTHING
                """,
                cancellationToken);
        }
    }

    /// <summary>Follows one module until its stream ends, and gives the claim back until it is followed again.</summary>
    public async Task RunAsync(WorkItem item, CancellationToken cancellationToken)
    {
        FollowedModuleRow? row;
        await using (var context = db.For(item.Tenant))
        {
            row = await context.FollowedModules.AsNoTracking().SingleOrDefaultAsync(known => known.Id == item.Id, cancellationToken);
        }

        if (row is null)
        {
            await queue.CompleteAsync(item, cancellationToken);
            return;
        }

        if (!(await access.StateAsync(item.Tenant, cancellationToken)).Succeeded(out var state, out _))
        {
            await queue.DeferAsync(item, clock.GetUtcNow() + TryAgain, cancellationToken);
        }
        else if (!state.IsOn)
        {
            await EndAsync(item, row, cancellationToken);
        }
        else if (!(await access.ForAsync(item.Tenant, Purpose, cancellationToken)).Succeeded(out var call, out var failure))
        {
            var wait = failure.Kind is FailureKind.Unavailable or FailureKind.RateLimited ? TryAgain : LookAgain;
            await queue.DeferAsync(item, clock.GetUtcNow() + wait, cancellationToken);
        }
        else
        {
            try
            {
                var region = await settings.RegionAsync(item.Tenant, cancellationToken);
                var subscribed = await SubscribeAsync(item, row, call.ConnectionId, region, cancellationToken);
                await FollowAsync(item, subscribed, region, cancellationToken);
            }
            catch (RpcException e) when (!cancellationToken.IsCancellationRequested && e.ToFailure() is { } away)
            {
                LogNotFollowed(item.Tenant.Value, row.Module, away.Code);
                await queue.DeferAsync(item, clock.GetUtcNow() + TryAgain, cancellationToken);
            }
        }
    }

    private static string TextOf(JsonElement content, string field) =>
        content.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

    private static bool IsConverted(JsonElement content) =>
        content.TryGetProperty("Converted__s", out var converted) && converted.ValueKind is JsonValueKind.True;

    private CallOptions OptionsOf(TenantId tenant, TimeSpan? limit, CancellationToken cancellationToken) => new(
        deadline: limit is { } within ? CallDeadline.In(within) : null,
        cancellationToken: cancellationToken,
        credentials: new CallerCredentials(tickets.OwnCaller(tenant)));

    // the tenant does not want it any more: what was known of its people is forgotten
    private async Task EndAsync(WorkItem item, FollowedModuleRow row, CancellationToken cancellationToken)
    {
        await UnsubscribeAsync(item.Tenant, row, cancellationToken);
        await using var context = db.For(item.Tenant);
        await using var transaction = await BeginAsync(context, cancellationToken);
        if (await queue.CompleteAsync(context, item, cancellationToken))
        {
            await context.People.Where(person => person.Module == row.Module).ExecuteDeleteAsync(cancellationToken);
            await context.FollowedModules.Where(known => known.Id == row.Id).ExecuteDeleteAsync(cancellationToken);
            // once it is on again all is looked at anew, and its people are followed
            await context.CrmStates.ExecuteUpdateAsync(
                set => set.SetProperty(state => state.ShapeReadAt, (DateTimeOffset?)null), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private async Task UnsubscribeAsync(TenantId tenant, FollowedModuleRow row, CancellationToken cancellationToken)
    {
        if (row.SubscriptionId.Length > 0)
        {
            await inbox.UnsubscribeAsync(
                new UnsubscribeRequest { SubscriptionId = row.SubscriptionId }, OptionsOf(tenant, CallLimit, cancellationToken));
        }
    }

    // asked each time: it is the same one, unless somebody has forgotten it
    private async Task<FollowedModuleRow> SubscribeAsync(
        WorkItem item, FollowedModuleRow row, string connectionId, string? region, CancellationToken cancellationToken)
    {
        if (row.ConnectionId != connectionId)
        {
            await UnsubscribeAsync(item.Tenant, row, cancellationToken);
        }

        var subscription = await inbox.SubscribeAsync(
            new SubscribeRequest { ConnectionId = connectionId, Module = row.Module, Fields = { row.Phones, Names } },
            OptionsOf(item.Tenant, CallLimit, cancellationToken));
        if (subscription.Id == row.SubscriptionId && row.Region == (region ?? ""))
        {
            return row;
        }

        await using var context = db.For(item.Tenant);
        await using var transaction = await BeginAsync(context, cancellationToken);
        await HoldAsync(context, item, cancellationToken);
        // another organisation's people, perhaps, or other phones in what they have: they are told anew
        await context.People.Where(person => person.Module == row.Module).ExecuteDeleteAsync(cancellationToken);
        var known = await context.FollowedModules.SingleAsync(one => one.Id == row.Id, cancellationToken);
        (known.ConnectionId, known.SubscriptionId, known.Position, known.KnownUntil) = (connectionId, subscription.Id, 0, null);
        known.Region = region ?? "";
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return known;
    }

    private async Task FollowAsync(WorkItem item, FollowedModuleRow row, string? region, CancellationToken cancellationToken)
    {
        try
        {
            using var call = inbox.Follow(
                new FollowRequest { SubscriptionId = row.SubscriptionId, After = row.Position }, OptionsOf(item.Tenant, null, cancellationToken));
            await foreach (var page in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                await KeepAsync(item, row, page, region, cancellationToken);
            }
        }
        catch (RpcException e) when (!cancellationToken.IsCancellationRequested && e.StatusCode is StatusCode.Unauthenticated)
        {
            // the ticket has ended: with the next one it goes on
        }

        await using var context = db.For(item.Tenant);
        await queue.ContinueAsync(context, item, clock.GetUtcNow(), cancellationToken);
    }

    // deliveries change the same rows in another order: one at a time
    private static async Task<IDbContextTransaction> BeginAsync(MessagingDbContext context, CancellationToken cancellationToken)
    {
        var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.LockAsync(MessageIntake.TurnOf(context.Tenant), cancellationToken);
        return transaction;
    }

    private async Task HoldAsync(MessagingDbContext context, WorkItem item, CancellationToken cancellationToken)
    {
        if (!await queue.IsHeldAsync(context, item, cancellationToken))
        {
            throw new InvalidOperationException("The claim on the tenant's people was lost.");
        }
    }

    private async Task KeepAsync(
        WorkItem item, FollowedModuleRow row, ChangesPage page, string? region, CancellationToken cancellationToken)
    {
        var (id, module) = (row.Id, row.Module);
        await using var context = db.For(item.Tenant);
        await using var transaction = await BeginAsync(context, cancellationToken);
        await HoldAsync(context, item, cancellationToken);
        var records = page.Changes.Select(change => change.RecordId).ToList();
        var known = await context.People.Where(person => person.Module == module && records.Contains(person.RecordId))
            .ToDictionaryAsync(person => person.RecordId, StringComparer.Ordinal, cancellationToken);
        var linked = (await context.Conversations.AsNoTracking()
                .Where(one => one.CrmModule == module && records.Contains(one.CrmRecordId!))
                .Select(one => new { one.Id, one.CrmRecordId })
                .ToListAsync(cancellationToken))
            .ToLookup(one => one.CrmRecordId!, one => one.Id, StringComparer.Ordinal);
        // a converted lead leads to its contact no longer than that is there
        var gone = page.Changes.Where(change => change.Deleted && module == CrmModules.Contacts).Select(change => change.RecordId).ToList();
        await context.People.Where(person => gone.Contains(person.ContactId!)).ExecuteDeleteAsync(cancellationToken);
        foreach (var change in page.Changes)
        {
            var told = Apply(context, row, change, linked.Contains(change.RecordId), known, region);
            Guid? conversation = null;
            foreach (var one in linked[change.RecordId])
            {
                await RelinkAsync(context, one, change.RecordId, told, cancellationToken);
                conversation = one;
            }

            if (told is { ContactId: { } contact, ConvertedAt: { } at } && (conversation is not null || told.Changes.Contains(Converted, StringComparer.Ordinal)))
            {
                await BringToContactAsync(context, contact, at - Overlap, cancellationToken);
            }

            if (told.Changes.Count > 0)
            {
                await context.RaiseAsync(
                    EventCatalogue.LeadChanged,
                    $"crm:{module}/{change.RecordId}",
                    new { module, record_id = change.RecordId, changes = told.Changes, contact_id = told.ContactId, conversation_id = conversation },
                    clock.GetUtcNow(),
                    cancellationToken);
            }
        }

        var followed = await context.FollowedModules.SingleAsync(one => one.Id == id, cancellationToken);
        (followed.Position, followed.KnownUntil) = (page.Position, page.KnownUntil?.ToDateTimeOffset() ?? followed.KnownUntil);
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // a lead that is gone is found or made again with the next message; one that was converted goes on as a contact
    private static async Task RelinkAsync(
        MessagingDbContext context, Guid conversation, string recordId, Told told, CancellationToken cancellationToken)
    {
        // unless the delivery has led it elsewhere meanwhile
        var still = context.Conversations.Where(one => one.Id == conversation && one.CrmRecordId == recordId);
        if (told.IsGone)
        {
            await still.ExecuteUpdateAsync(
                set => set
                    .SetProperty(one => one.CrmModule, (string?)null)
                    .SetProperty(one => one.CrmRecordId, (string?)null)
                    .SetProperty(one => one.CrmState, Conversation.Types.CrmState.None),
                cancellationToken);
        }
        else if (told.ContactId is { } contact)
        {
            await still.ExecuteUpdateAsync(
                set => set.SetProperty(one => one.CrmModule, CrmModules.Contacts).SetProperty(one => one.CrmRecordId, contact), cancellationToken);
        }
    }

    // Zoho takes what is written to a lead that was converted, and shows it nowhere: it is written to the contact, and what comes later in a day as well
    private async Task BringToContactAsync(MessagingDbContext context, string contact, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var conversations = await context.Conversations
            .Where(one => one.CrmModule == CrmModules.Contacts && one.CrmRecordId == contact)
            .Select(one => one.Id)
            .ToArrayAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE day_notes n SET note_id = NULL, asked_at = NULL, is_dirty = is_dirty OR EXISTS (
                SELECT FROM messages m WHERE m.tenant_id = n.tenant_id AND m.conversation_id = n.conversation_id AND m.synced_at >= {since}
                    AND (m.sent_at AT TIME ZONE 'UTC')::date = n.day)
            WHERE tenant_id = {context.Tenant.Value} AND conversation_id = ANY({conversations}) AND day >= {DateOnly.FromDateTime(since.UtcDateTime)}
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            UPDATE messages SET sync_state = {(int)SyncState.Stored}, sync_code = '', sync_message = '', is_asked_for = true, position = nextval('message_positions')
            WHERE tenant_id = {context.Tenant.Value} AND conversation_id = ANY({conversations}) AND sync_state = {(int)SyncState.Synced} AND synced_at >= {since}
            """,
            cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT queue_delivery({context.Tenant.Value}, {clock.GetUtcNow()})", cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"SELECT pg_notify({MessageChanges.Channel}, {context.Tenant.Value.ToString()})", cancellationToken);
    }

    private static Told Apply(
        MessagingDbContext context, FollowedModuleRow row, RecordChange change, bool isLinked, Dictionary<string, PersonRow> known, string? region)
    {
        known.TryGetValue(change.RecordId, out var person);
        if (change.Deleted)
        {
            if (person is not null)
            {
                context.People.Remove(person);
                known.Remove(change.RecordId);
            }

            return new Told(person is null && !isLinked ? [] : ["deleted"], IsGone: true, ContactId: null, ConvertedAt: null);
        }

        using var parsed = JsonDocument.Parse(change.Content);
        var content = parsed.RootElement;
        var phones = row.Phones.Select(field => PhoneNumber.OfRecord(TextOf(content, field), region)?.Key).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        var name = $"{TextOf(content, "First_Name")} {TextOf(content, "Last_Name")}".Trim();
        var convertedAt = CrmTimes.Read(TextOf(content, "Converted_Date_Time"));
        var contact = IsConverted(content) && TextOf(content, "Converted_Contact") is { Length: > 0 } became ? became : null;
        if (person is null)
        {
            known[change.RecordId] = context.People.Add(new PersonRow
            {
                TenantId = context.Tenant,
                Module = row.Module,
                RecordId = change.RecordId,
                PhoneKeys = phones,
                Name = name,
                ContactId = contact,
            }).Entity;
            return new Told([], IsGone: false, contact, convertedAt);
        }

        var changes = new List<string>();
        if (!person.PhoneKeys.Order(StringComparer.Ordinal).SequenceEqual(phones.Order(StringComparer.Ordinal), StringComparer.Ordinal))
        {
            changes.Add("phone");
        }

        if (person.Name != name)
        {
            changes.Add("name");
        }

        if (contact is not null && person.ContactId != contact)
        {
            changes.Add(Converted);
        }

        (person.PhoneKeys, person.Name, person.ContactId) = (phones, name, contact ?? person.ContactId);
        return new Told(changes, IsGone: false, contact, convertedAt);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {TenantId}: {Module} cannot be followed now ({Code}); tried again")]
    private partial void LogNotFollowed(Guid tenantId, string module, string code);

    private sealed record Told(IReadOnlyList<string> Changes, bool IsGone, string? ContactId, DateTimeOffset? ConvertedAt);
}
