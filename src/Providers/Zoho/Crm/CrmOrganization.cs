using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>The organisation that a connection belongs to.</summary>
/// <param name="Id">Digits.</param>
/// <param name="Zgid">
/// The number that addresses of records have: <c>/crm/org{zgid}/tab/Leads/{id}</c>; empty where Zoho does not say.
/// </param>
/// <param name="Name">As people know it.</param>
/// <param name="TimeZone">IANA's name; empty where Zoho does not say.</param>
/// <param name="Currency">ISO 4217; empty where Zoho does not say.</param>
/// <param name="Type">Zoho's word: <c>Production</c>, <c>Sandbox</c>, <c>Developer</c>.</param>
/// <param name="Edition">What it bought; decides how many calls it may make.</param>
/// <param name="PaidUsers">For how many users.</param>
public sealed record CrmOrganization(
    string Id, string Zgid, string Name, string TimeZone, string Currency, string Type, CrmEdition Edition, int PaidUsers)
{
    internal static CrmOrganization? Read(JsonElement json)
    {
        if (json.Text("id") is not { } id || !CrmIds.IsId(id))
        {
            return null;
        }

        var license = json.Property("license_details") ?? default;
        var plan = CrmPlan.Of(
            license.IsTrue("paid"), license.Text("paid_type"), (int)Math.Clamp(license.Number("users_license_purchased") ?? 0, 0, 1_000_000));
        return new CrmOrganization(
            id, json.Text("zgid") ?? "", json.Text("company_name") ?? "", json.Text("time_zone") ?? "", json.Text("iso_code") ?? "",
            json.Text("type") ?? "", plan.Edition, plan.Users);
    }
}

/// <summary>A user of the organisation.</summary>
/// <param name="Id">Digits.</param>
/// <param name="FullName">As people know them.</param>
/// <param name="Email">With which they sign in; null where Zoho does not say.</param>
/// <param name="IsActive">Whether they can own records.</param>
/// <param name="TimeZone">IANA's name; null where Zoho does not say.</param>
/// <param name="Role">What they see of others' records.</param>
/// <param name="Profile">What they may do.</param>
public sealed record CrmUser(
    string Id, string FullName, string? Email, bool IsActive, string? TimeZone, CrmLookup? Role, CrmLookup? Profile)
{
    internal static CrmUser? Read(JsonElement json) => CrmRecord.Read(json) is { } user
        ? new CrmUser(
            user.Id, user.Text("full_name") ?? user.Text("email") ?? user.Id, user.Text("email"), user.Text("status") == "active",
            user.Text("time_zone"), user.Lookup("role"), user.Lookup("profile"))
        : null;
}

/// <summary>Which users are listed.</summary>
public enum CrmUserKind
{
    Active,

    /// <summary>The one who gave the grant.</summary>
    Current,
}

/// <summary>One page of users.</summary>
/// <param name="Users">Those on it.</param>
/// <param name="NextPage">The number of the next page; null at the end.</param>
public sealed record CrmUserPage(IReadOnlyList<CrmUser> Users, int? NextPage);
