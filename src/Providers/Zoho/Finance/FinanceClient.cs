using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>
/// Zoho Books v3, Inventory v1 and Invoice v3. Whether a call succeeded is decided by the body's code. A failure's <c>FinanceClass</c>
/// (<see cref="FinanceFailures"/>) says what follows from it. Calls wait for nothing but a place among those that Zoho works on at once: where the minute's or
/// the day's are used up they fail with <c>quota_reached</c> and the time until they are not.
/// </summary>
/// <remarks>
/// What may be repeated after a lost answer is repeated here; where a creation has none, it is <c>zoho_outcome_unknown</c>.
/// </remarks>
public sealed class FinanceClient(HttpClient http, QuotaGovernor quota, ConcurrencyGovernor concurrency, KnownPlans plans)
{
    private const int MostTries = 3;

    /// <summary>The organisations of the connection's user, those without the product among them.</summary>
    public async Task<Result<IReadOnlyList<FinanceOrganization>>> ListOrganizationsAsync(
        ProviderCall call, FinanceProduct product, CancellationToken cancellationToken) =>
        !(await SendAsync(call, new FinanceRequest(product, FinanceMethod.Organizations), cancellationToken)).Succeeded(out var answer, out var failure) ? failure
            : answer.Answer.Content is { ValueKind: JsonValueKind.Array } array
                ? array.EnumerateArray().Select(FinanceOrganization.Read).OfType<FinanceOrganization>().ToArray()
            : FinanceFailures.BadAnswer;

    /// <summary>One page of an entity's list. Records without an id are left out.</summary>
    public async Task<Result<FinancePage>> ListAsync(
        ProviderCall call, FinanceProduct product, string organization, FinanceEntity entity, FinanceListing listing, CancellationToken cancellationToken)
    {
        var asked = new FinanceRequest(product, FinanceMethod.List)
        {
            Organization = organization,
            Entity = entity,
            Query =
            [
                ("page", Text(listing.Page)),
                ("per_page", Text(FinanceListing.PageSize)),
                .. listing.SortColumn is { } column
                    ? [("sort_column", column), ("sort_order", listing.Ascending ? "A" : "D")]
                    : Array.Empty<(string, string)>(),
                .. listing.ModifiedSince is { } since ? [("last_modified_time", FinanceTimes.Write(since))] : Array.Empty<(string, string)>(),
                .. listing.Filters,
            ],
        };
        if (!(await SendAsync(call, asked, cancellationToken)).Succeeded(out var came, out var failure))
        {
            return failure;
        }

        if (came.Answer.Content is not { ValueKind: JsonValueKind.Array } array
            || came.Answer.Root.Property("page_context") is not { ValueKind: JsonValueKind.Object } context)
        {
            return FinanceFailures.BadAnswer;
        }

        return new FinancePage(
            [.. array.EnumerateArray().Select(json => FinanceRecord.Read(json, entity)).OfType<FinanceRecord>()],
            context.Property("has_more_page") is { ValueKind: JsonValueKind.True },
            context.Text("sort_column"),
            context.Text("sort_order") switch { "A" => true, "D" => false, _ => null },
            came.Sent.Headers?.Date);
    }

    /// <summary>One record, with its lines. <see cref="FinanceFailures.RecordGone"/> where it is not there.</summary>
    public Task<Result<FinanceRecord>> GetAsync(
        ProviderCall call, FinanceProduct product, string organization, FinanceEntity entity, string id, CancellationToken cancellationToken) => OneAsync(
        call, new FinanceRequest(product, FinanceMethod.Get) { Organization = organization, Entity = entity, Id = id }, cancellationToken);

    /// <summary>Makes one, which is answered whole. Where its answer is lost it is <c>zoho_outcome_unknown</c>: look before it is made again.</summary>
    /// <param name="call">Through which connection.</param>
    /// <param name="product">In which product.</param>
    /// <param name="organization">For whom.</param>
    /// <param name="entity">What it is.</param>
    /// <param name="record">Its fields. What Zoho does not know it drops without a word.</param>
    /// <param name="query">What goes beside it, as <c>ignore_auto_number_generation</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<Result<FinanceRecord>> CreateAsync(
        ProviderCall call, FinanceProduct product, string organization, FinanceEntity entity, JsonObject record,
        IReadOnlyList<(string Name, string Value)> query, CancellationToken cancellationToken) => OneAsync(
        call,
        new FinanceRequest(product, FinanceMethod.Create) { Organization = organization, Entity = entity, Body = record, Query = query },
        cancellationToken);

    /// <summary>Changes the fields that are named and no others; lines are named all or none.</summary>
    /// <inheritdoc cref="CreateAsync"/>
    public Task<Result<FinanceRecord>> UpdateAsync(
        ProviderCall call, FinanceProduct product, string organization, FinanceEntity entity, string id, JsonObject record,
        CancellationToken cancellationToken) => OneAsync(
        call,
        new FinanceRequest(product, FinanceMethod.Update) { Organization = organization, Entity = entity, Id = id, Body = record },
        cancellationToken);

    /// <summary>
    /// Changes the one whose field of the organisation's own has this value, or makes it. The field must take no value twice; Inventory has no such call.
    /// </summary>
    /// <inheritdoc cref="CreateAsync"/>
    public Task<Result<FinanceRecord>> UpsertAsync(
        ProviderCall call, FinanceProduct product, string organization, FinanceEntity entity, (string ApiName, string Value) unique, JsonObject record,
        CancellationToken cancellationToken) => OneAsync(
        call,
        new FinanceRequest(product, FinanceMethod.Upsert)
        {
            Organization = organization,
            Entity = entity,
            Body = record,
            Headers = [("X-Unique-Identifier-Key", unique.ApiName), ("X-Unique-Identifier-Value", unique.Value), ("X-Upsert", "true")],
        },
        cancellationToken);

    /// <summary>How much of an organisation's calls this platform has used; <c>quota_unknown</c> when Redis does not answer.</summary>
    public async Task<Result<QuotaState>> GetBudgetAsync(
        ProviderCall call, FinanceProduct product, string organization, CancellationToken cancellationToken)
    {
        var scope = QuotaScope(call, product, organization);
        return await quota.GetStateAsync(scope, (await BudgetOfAsync(scope, cancellationToken)).Quota, cancellationToken);
    }

    // who lists organisations is counted by the account: Zoho says nothing of a budget there
    private static string QuotaScope(ProviderCall call, FinanceProduct product, string organization) => organization.Length > 0
        ? $"zoho-{product}:{call.DataCentre}:{organization}"
        : $"zoho-{product}:{call.DataCentre}:account:{(call.AccountId.Length > 0 ? call.AccountId : call.Tenant)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task<Result<FinanceRecord>> OneAsync(ProviderCall call, FinanceRequest asked, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(call, asked, cancellationToken)).Succeeded(out var came, out var failure))
        {
            return failure;
        }

        return came.Answer.Content is { ValueKind: JsonValueKind.Object } json && FinanceRecord.Read(json, asked.Entity!) is { } record ? record
            : asked.Method.Repeatable ? FinanceFailures.BadAnswer
            : FinanceFailures.OutcomeUnknown;
    }

    private async Task<FinanceBudget> BudgetOfAsync(string scope, CancellationToken cancellationToken) =>
        FinanceBudget.Parse(await plans.OfAsync(scope, cancellationToken)) ?? FinanceBudget.Lowest;

    private async Task<Result<(FinanceAnswer Answer, ProviderAnswer Sent)>> SendAsync(
        ProviderCall call, FinanceRequest asked, CancellationToken cancellationToken)
    {
        if (DataCentres.Find(call.DataCentre) is not { } dataCentre)
        {
            return FinanceFailures.NotOffered(call.DataCentre);
        }

        if (asked.Scopes.FirstOrDefault(scope => ZohoProvider.Lacks(call.GrantedScopes, scope)) is { } missing)
        {
            return FinanceFailures.ScopeMissing(asked.Product, missing);
        }

        var scope = QuotaScope(call, asked.Product, asked.Organization);
        var budget = await BudgetOfAsync(scope, cancellationToken);
        // what may not be done twice was perhaps done where no answer comes
        var noAnswer = asked.Method.Repeatable ? FinanceFailures.Unavailable : FinanceFailures.OutcomeUnknown;
        for (var tries = 1; ; tries++)
        {
            using var request = asked.ToMessage(dataCentre.ApiHost);
            new ProviderRequest(call, scope, budget.Quota, asked.Method.Repeatable)
            {
                Concurrency = [new ConcurrencyLimit("calls", FinanceBudget.AtOnce)],
                RefusesToken = FinanceAnswer.RefusesToken,
            }.AttachTo(request);
            if (!(await ProviderAnswer.SendAsync(http, request, noAnswer, cancellationToken)).Succeeded(out var sent, out var failure))
            {
                return failure;
            }

            // not cancelled with the caller: everyone has to know
            await LearnAsync(scope, budget, sent);
            if (FinanceAnswer.Read(sent, asked).Succeeded(out var answer, out failure))
            {
                return (answer, sent);
            }

            switch (failure.FinanceClass)
            {
                case FinanceCodeClass.Blocked:
                    return await quota.ReportLockAsync(scope, budget.Quota with { LockPeriod = sent.RetryAfter ?? FinanceBudget.BlockedFor }, CancellationToken.None);
                case FinanceCodeClass.DayUsed:
                    return await quota.ReportLockAsync(scope, budget.Quota with { LockPeriod = ResetOf(sent) ?? FinanceBudget.BlockedFor }, CancellationToken.None);
                // nothing was done, so also what may not be done twice may be sent again
                case FinanceCodeClass.Busy when tries < MostTries:
                    await concurrency.CloseAsync(scope, TimeSpan.FromMilliseconds(Random.Shared.Next(500, 2_500)), CancellationToken.None);
                    break;
                default:
                    return failure;
            }
        }
    }

    private async Task LearnAsync(string scope, FinanceBudget budget, ProviderAnswer sent)
    {
        if (HeaderOf(sent, "X-Rate-Limit-Limit") is > 0 and <= int.MaxValue and var limit)
        {
            await plans.LearnAsync(scope, new FinanceBudget((int)limit).ToString(), CancellationToken.None);
        }

        if (HeaderOf(sent, "X-Rate-Limit-Remaining") is { } remaining)
        {
            await quota.ReportRemainingAsync(scope, budget.Quota, remaining, CancellationToken.None);
        }
    }

    // seconds until midnight in the organisation's zone
    private static TimeSpan? ResetOf(ProviderAnswer sent) =>
        HeaderOf(sent, "X-Rate-Limit-Reset") is > 0 and <= 90_000 and var seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static long? HeaderOf(ProviderAnswer sent, string name) => sent.Headers is { } headers
        && headers.TryGetValues(name, out var told)
        && long.TryParse(told.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
