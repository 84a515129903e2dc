using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// Zoho CRM API v8. Whether a call succeeded is decided by the body. A failure's <c>CrmClass</c> (<see cref="CrmFailures"/>) says what
/// follows from it, and what Zoho did to each record of a batch is told per record (<see cref="CrmWritten"/>). Calls wait for nothing but a
/// place among those that Zoho works on at once: where the credits are used up they fail with <c>quota_reached</c> and the time until they
/// are not.
/// </summary>
/// <remarks>
/// What may be repeated after a lost answer is repeated here; where the rest has none, it is <c>zoho_outcome_unknown</c>.
/// </remarks>
public sealed partial class CrmClient(
    HttpClient http, QuotaGovernor quota, ConcurrencyGovernor concurrency, KnownPlans plans)
{
    /// <summary>How many records one call writes, and how many are read by their ids.</summary>
    public const int BatchSize = 100;

    /// <summary>How many records one page holds.</summary>
    public const int PageSize = 200;

    /// <summary>How many fields one call reads; more are read in several.</summary>
    public const int FieldsPerCall = 50;

    private const int MostTries = 3;
    private const int HeavyCallsAtOnce = 10;

    /// <summary>
    /// How much of its credits of 24 hours the call's organisation has used through this platform; <c>quota_unknown</c> when Redis does not
    /// answer.
    /// </summary>
    public async Task<Result<QuotaState>> GetCreditsAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        var scope = QuotaScope(call);
        return await quota.GetStateAsync(scope, (await PlanOfAsync(scope, cancellationToken)).Credits, cancellationToken);
    }

    // Zoho counts by organisation. Where nobody knows which one a connection belongs to, a tenant's connections count together, to be safe
    private static string QuotaScope(ProviderCall call) =>
        $"zoho-crm:{call.DataCentre}:{(call.AccountId.Length > 0 ? call.AccountId : call.Tenant)}";

    private async Task<CrmPlan> PlanOfAsync(string scope, CancellationToken cancellationToken) =>
        CrmPlan.Parse(await plans.OfAsync(scope, cancellationToken)) ?? CrmPlan.Lowest;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // nothing was done, so also what may not be done twice may be sent again
    private static bool IsFull(Failure failure) => failure.Code == CrmCodes.ConcurrencyReached.FailureCode;

    /// <summary>A call that is refused as a whole is a failure.</summary>
    private async Task<Result<CrmAnswer>> AskAsync(ProviderCall call, CrmRequest asked, CancellationToken cancellationToken) =>
        !(await SendAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure) ? failure
            : answer.Refusal is { } refusal ? refusal.Failure
            : answer;

    /// <summary>All entries of the array that an answer is; none where it says that there are none.</summary>
    private async Task<Result<T[]>> AskForAsync<T>(
        ProviderCall call, CrmRequest asked, string array, Func<JsonElement, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        if (!(await AskAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Root is null ? Array.Empty<T>()
            : answer.Entries(array) is { } entries ? entries.Select(read).OfType<T>().ToArray()
            : CrmFailures.BadAnswer;
    }

    private Task<Result<CrmAnswer>> SendAsync(ProviderCall call, CrmRequest asked, CancellationToken cancellationToken) => SendAsync(
        call,
        asked,
        (request, noAnswer) => ProviderAnswer.SendAsync(http, request, noAnswer, cancellationToken),
        sent => (CrmAnswer.Read(sent, asked), sent),
        answer => answer.Refusal?.Failure,
        cancellationToken);

    /// <summary>
    /// Sends as often as it has to be: again after a moment where Zoho works on too many calls. <paramref name="send"/> sends one,
    /// <paramref name="read"/> reads what came, and <paramref name="refusalOf"/> says whether that is a refusal.
    /// </summary>
    private async Task<Result<T>> SendAsync<TSent, T>(
        ProviderCall call, CrmRequest asked, Func<HttpRequestMessage, Failure, Task<Result<TSent>>> send,
        Func<TSent, (Result<T> Read, ProviderAnswer Sent)> read, Func<T, Failure?> refusalOf, CancellationToken cancellationToken)
        where TSent : notnull
        where T : notnull
    {
        if (DataCentres.Find(call.DataCentre) is not { } dataCentre)
        {
            return CrmFailures.NotOffered(call.DataCentre);
        }

        if (asked.Scopes.Where(scope => ZohoProvider.Lacks(call.GrantedScopes, scope)).ToList() is { Count: > 0 } missing)
        {
            return CrmFailures.ScopesMissing(missing);
        }

        var scope = QuotaScope(call);
        var plan = await PlanOfAsync(scope, cancellationToken);
        // what may not be done twice was perhaps done where no answer comes
        var noAnswer = asked.Method.Repeatable ? CrmFailures.Unavailable : CrmFailures.OutcomeUnknown;
        for (var tries = 1; ; tries++)
        {
            using var request = asked.ToMessage(dataCentre.ApiHost);
            RequestFor(call, asked, scope, plan).AttachTo(request);
            if (!(await send(request, noAnswer)).Succeeded(out var came, out var failure))
            {
                return failure;
            }

            var (outcome, sent) = read(came);
            // not cancelled with the caller: everyone has to know
            await ReportRemainingAsync(scope, plan, sent);
            if (outcome.Succeeded(out var answer, out failure) && refusalOf(answer) is null)
            {
                return answer;
            }

            failure ??= refusalOf(answer!)!;
            if (failure.Code == CrmCodes.CreditsUsed.FailureCode)
            {
                return await quota.ReportLockAsync(scope, plan.Credits, CancellationToken.None);
            }

            if (!IsFull(failure))
            {
                return outcome;
            }

            // what is sent next waits for it, this one too
            await concurrency.CloseAsync(scope, TimeSpan.FromMilliseconds(Random.Shared.Next(200, 2000)), CancellationToken.None);
            if (tries == MostTries)
            {
                return failure with { RetryAfter = TimeSpan.FromSeconds(2) };
            }
        }
    }

    private static ProviderRequest RequestFor(ProviderCall call, CrmRequest asked, string scope, CrmPlan plan) => new(
        call,
        scope,
        asked.Method == CrmMethods.DownloadBulkRead ? Downloads : plan.Credits,
        asked.Method.Repeatable)
    {
        Cost = asked.Credits,
        Concurrency =
        [
            new ConcurrencyLimit("calls", plan.Concurrency),
            .. asked.IsSubLimited ? [new ConcurrencyLimit("heavy-calls", HeavyCallsAtOnce)] : Array.Empty<ConcurrencyLimit>(),
        ],
        IsStreamed = asked.Method == CrmMethods.DownloadBulkRead,
        RefusesToken = CrmAnswer.RefusesToken,
    };

    // said once half of them is used
    private async Task ReportRemainingAsync(string scope, CrmPlan plan, ProviderAnswer sent)
    {
        if (sent.Headers is { } headers
            && headers.TryGetValues("X-API-CREDITS-REMAINING", out var told)
            && long.TryParse(told.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var remaining))
        {
            await quota.ReportRemainingAsync(scope, plan.Credits, remaining, CancellationToken.None);
        }
    }
}
