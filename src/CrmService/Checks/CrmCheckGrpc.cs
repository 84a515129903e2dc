using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using ZohoPlatform.CrmService.Channels;
using ZohoPlatform.CrmService.Data;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Sync;
using Wire = ZohoPlatform.Contracts.Crm.V1;

namespace ZohoPlatform.CrmService.Checks;

/// <summary>The CrmCheck contract.</summary>
internal sealed class CrmCheckGrpc(
    FeatureAccess access, CrmClient crm, TenantDb<CrmDbContext> db, Copies<CrmDbContext> copies, TimeProvider clock)
    : Wire.CrmCheck.CrmCheckBase
{
    private const string Purpose = "crm.check";
    private const string Leads = "Leads";

    // what conversations and contacts are about
    private static readonly string[] Needed = [Leads, "Contacts"];
    private static readonly string[] Phones = ["Phone", "Mobile"];

    private static readonly Failure NoNumber = new(
        FailureKind.Precondition,
        "crm_link_unknown",
        "Zoho CRM does not say which number the organisation has in a browser's addresses: links open by the record's id alone.");

    private static readonly Failure NotYet = new(
        FailureKind.Unavailable, "channel_not_made", "The notification channel is not made yet; it is within a minute. Changes are seen within minutes until then.");

    private static readonly Failure Ended = new(
        FailureKind.Unavailable,
        "channel_ended",
        "Zoho CRM has no notification channel any more; it is made again within the hour. Changes are seen within minutes until then.");

    public override async Task<Wire.CheckResponse> Check(Wire.CheckRequest request, ServerCallContext context)
    {
        var (tenant, token) = (context.CallerWith(Role.Operator).Tenant, context.CancellationToken);
        var answer = new Wire.CheckResponse { ConnectionId = request.ConnectionId };
        var asked = request.ConnectionId.Length > 0
            ? await access.ForAsync(tenant, request.ConnectionId, Purpose, token, QuotaUse.Read)
            : await access.ForAsync(tenant, Purpose, token, QuotaUse.Read);
        if (!asked.Succeeded(out var call, out var failure))
        {
            Add(answer, failure);
            return answer;
        }

        (answer.ConnectionId, answer.AccountName, answer.DataCentre) = (call.ConnectionId, call.AccountName, call.DataCentre);
        if (!(await crm.GetOrganizationAsync(call, token)).Succeeded(out var organization, out failure))
        {
            Add(answer, failure);
            return answer;
        }

        (answer.OrganizationId, answer.OrganizationName) = (organization.Id, organization.Name);
        var feeds = await FeedsAsync(tenant, call.ConnectionId, token);
        await AddModulesAsync(answer, call, [.. Needed.Union(feeds.Select(feed => feed.Subject), StringComparer.Ordinal)], token);
        foreach (var feed in feeds.Where(feed => feed.Code is not null))
        {
            answer.Findings.Add(new Wire.CrmFinding { Code = feed.Code, Message = feed.Message, Module = feed.Subject });
        }

        if (feeds.Count > 0)
        {
            await AddChannelAsync(answer, call, token);
        }

        AddLink(answer, call, organization);
        return answer;
    }

    private static void Add(Wire.CheckResponse answer, Failure failure, string module = "") =>
        answer.Findings.Add(new Wire.CrmFinding { Code = failure.Code, Message = failure.Message, Module = module });

    private static void AddLink(Wire.CheckResponse answer, ProviderCall call, CrmOrganization organization)
    {
        if (organization.Zgid.Length == 0)
        {
            Add(answer, NoNumber);
        }
        else if (DataCentres.Find(call.DataCentre) is { } dataCentre)
        {
            answer.Link = $"https://{dataCentre.CrmUiHost}/crm/org{organization.Zgid}/tab/{Leads}";
        }
    }

    private async Task<IReadOnlyList<CopyStatus>> FeedsAsync(TenantId tenant, string connectionId, CancellationToken token) =>
        [.. (await copies.ListAsync(tenant, token)).Where(feed => feed.ConnectionId == connectionId)];

    private async Task AddModulesAsync(Wire.CheckResponse answer, ProviderCall call, IReadOnlyList<string> wanted, CancellationToken token)
    {
        if (!(await crm.GetModulesAsync(call, token)).Succeeded(out var modules, out var failure))
        {
            Add(answer, failure);
            return;
        }

        foreach (var name in wanted)
        {
            if (Array.Find(modules, module => module.ApiName == name) is not { ApiSupported: true, Viewable: true })
            {
                Add(answer, ModuleOff(name), name);
            }
            else if (!(await crm.GetFieldsAsync(call, name, token)).Succeeded(out var fields, out failure))
            {
                Add(answer, failure, name);
            }
            else if (Needed.Contains(name, StringComparer.Ordinal) && !fields.Any(field => Phones.Contains(field.ApiName, StringComparer.Ordinal)))
            {
                Add(answer, NoPhone(name), name);
            }
        }
    }

    private static Failure ModuleOff(string name) => new(
        FailureKind.Precondition,
        "crm_module_off",
        $"The module {name} is off in Zoho CRM, or hidden from the connection's user: switch it on there (Setup, Modules and Fields), or show it to the user's profile.");

    private static Failure NoPhone(string name) => new(
        FailureKind.Precondition,
        "crm_phone_missing",
        $"{name} of Zoho CRM shows neither Phone nor Mobile to the connection's user: put one into the layout, or show it to the user's profile.");

    private async Task AddChannelAsync(Wire.CheckResponse answer, ProviderCall call, CancellationToken token)
    {
        ChannelRow? channel;
        await using (var context = db.For(call.Tenant))
        {
            channel = await context.Channels.AsNoTracking().SingleOrDefaultAsync(row => row.ConnectionId == call.ConnectionId, token);
        }

        if (channel is null or { ExpiresAt: null, Code: "" })
        {
            Add(answer, NotYet);
            return;
        }

        if (channel.ExpiresAt is { } expiresAt)
        {
            answer.Channel = new Wire.CrmChannel
            {
                Modules = { channel.Modules },
                ExpiresAt = expiresAt.ToTimestamp(),
                NotifiedAt = channel.NotifiedAt?.ToTimestamp(),
            };
        }

        if (channel.Code.Length > 0)
        {
            answer.Findings.Add(new Wire.CrmFinding { Code = channel.Code, Message = channel.Message });
        }
        else if (channel.ExpiresAt <= clock.GetUtcNow() || !await IsThereAsync(answer, call, channel, token))
        {
            Add(answer, Ended);
        }
    }

    // what is kept here is what Zoho said once: whether it is so still, it says itself
    private async Task<bool> IsThereAsync(Wire.CheckResponse answer, ProviderCall call, ChannelRow channel, CancellationToken token)
    {
        if ((await crm.GetWatchAsync(call, channel.ZohoId, token)).Succeeded(out var there, out var failure))
        {
            return there.Length > 0;
        }

        if (failure.CrmClass is CrmCodeClass.Gone)
        {
            return false;
        }

        Add(answer, failure);
        return true;
    }
}
