using System.Text.Json;
using ZohoPlatform.Cli.Doctor;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>Each cause that the doctor knows a fix for is brought about, its fix is done as it is printed, and the finding is gone.</summary>
[Collection(OneLaunch.Name)]
public sealed class DoctorFixTests(SharedPlatform shared)
{
    private const string Narrow = "ZohoCampaigns.contact.READ";

    // all of campaigns, and nothing of the CRM
    private const string CampaignsAlone = "AaaServer.profile.READ,ZohoCampaigns.contact.ALL,ZohoCampaigns.campaign.READ";

    private static readonly Dictionary<string, Ill[]> Cases = new(StringComparer.Ordinal)
    {
        ["client_not_configured"] = [new(Patient.AdmitAsync)],
        ["client_secret_missing"] =
        [
            new(async platform =>
            {
                var patient = await Patient.AdmitAsync(platform);
                await patient.SetAsync(new { client_id = patient.ClientId, region = "eu" });
                return patient;
            }),
        ],
        ["client_secret_refused"] = [Ill.Of(patient => patient.SetAsync(new { client_secret = "fake-secret-of-nobody" }))],
        ["client_refused"] =
        [
            // at the console
            Ill.Of(patient => patient.PutClientAsync("in"), (patient, _) => patient.PutClientAsync("eu")),
            Ill.Of(patient => patient.PutClientAsync("in"), async (patient, commands) =>
            {
                await patient.RegisterClientAsync();
                await patient.RunAsync(commands[0]);
                await patient.RunAsync(commands[1]);
            }),
        ],
        ["client_changed"] =
        [
            Ill.Of(patient => patient.SetAsync(new { client_id = "1000.fake-other-client" })),
            Ill.Of(patient => patient.SetAsync(new { client_id = "1000.fake-other-client" }), async (patient, commands) =>
            {
                // the new one, with its secret
                await patient.RegisterClientAsync();
                await patient.RunAsync("zoho settings set zoho --client-id ID --client-secret");
                await patient.RunAsync(commands[1]);
            }),
        ],
        ["integration_disabled"] = [Ill.Of(patient => patient.SetAsync(new { enabled = false }))],
        ["api_domain_elsewhere"] = [Ill.Of(patient => patient.SetAsync(new { api_domain = "https://www.zohoapis.in" }))],
        // of campaigns, and of the CRM, whose own finding of it is the same one
        ["scopes_missing"] =
        [
            new(platform => Patient.AdmitHealthyAsync(platform, Narrow)),
            new(platform => Patient.AdmitHealthyAsync(platform, CampaignsAlone, "crm")),
        ],
        ["deletions_to_confirm"] =
        [
            new Ill(async platform =>
            {
                var patient = await Patient.AdmitHealthyAsync(platform, scopes: null, "crm");
                await patient.RunAsync("zoho connect zoho --features campaigns,crm");
                await patient.LoseLeadsAsync();
                return patient;
            })
            {
                Mend = async (patient, commands) =>
                {
                    await patient.RunAsync(commands[0]);
                    // until all was read once more
                    await Eventually.GetAsync(() => patient.FindAsync("deletions_to_confirm"), found => found is null);
                },
            },
        ],
        // until it says that it is known
        ["grant_refused_once"] = [Ill.Of(patient => patient.RevokeAsync(), (patient, _) => KnownAsRevokedAsync(patient))],
        ["grant_revoked"] =
        [
            Ill.Of(async patient =>
            {
                await patient.RevokeAsync();
                await KnownAsRevokedAsync(patient);
            }),
        ],
        ["not_connected"] =
        [
            new(async platform =>
            {
                var patient = await Patient.AdmitAsync(platform);
                await patient.RunAsync("zoho settings set zoho --client-id ID --client-secret --region CODE");
                return patient;
            }),
            Ill.Of(patient => patient.DisconnectAsync()),
        ],
        ["connection_not_chosen"] = [Ill.Of(patient => patient.SetAsync(new { feature_connections = new { campaigns = "" } }))],
        ["zoho_token_refused"] =
        [
            Ill.Of(patient => patient.ShutCampaignsAsync(isShut: true), async (patient, commands) =>
            {
                await patient.ShutCampaignsAsync(isShut: false);
                await patient.RunAsync(commands[0]);
            }),
        ],
        ["list_key_missing"] = [Ill.Of(patient => patient.SetAsync(new { campaigns_list_key = "" }))],
        ["list_not_found"] = [Ill.Of(patient => patient.SetAsync(new { campaigns_list_key = "3zfake0list0of0nobody" }))],
    };

    public static TheoryData<string> Codes => [.. Cases.Keys];

    [Fact]
    public void Each_cause_that_the_doctor_has_a_fix_for_is_among_them() => Assert.Equal(
        Fixes.Codes.Order(StringComparer.Ordinal), Cases.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Its_fix_is_done_and_the_finding_is_gone(string code)
    {
        foreach (var ill in Cases[code])
        {
            await using var patient = await ill.Admit(shared.Platform);
            var found = await patient.FindAsync(code);
            Assert.True(found is not null, $"{code} was not found");
            var commands = Patient.CommandsOf(found.Value);

            await ill.Mend(patient, commands);

            var left = await patient.FindAsync(code);
            Assert.True(left is null, $"{found.Value.GetProperty("fix")} left {left}");
        }
    }

    private static Task<JsonElement?> KnownAsRevokedAsync(Patient patient) =>
        Eventually.GetAsync(() => patient.FindAsync("grant_revoked"), found => found is not null);

    /// <param name="Admit">Brings it about.</param>
    private sealed record Ill(Func<Platform, Task<Patient>> Admit)
    {
        /// <summary>Does what the fix says; its first command where that is all.</summary>
        public Func<Patient, IReadOnlyList<string>, Task> Mend { get; init; } = (patient, commands) => patient.RunAsync(commands[0]);

        /// <summary>Of a tenant with which all is well.</summary>
        public static Ill Of(Func<Patient, Task> harm, Func<Patient, IReadOnlyList<string>, Task>? mend = null)
        {
            var ill = new Ill(async platform =>
            {
                var patient = await Patient.AdmitHealthyAsync(platform);
                await harm(patient);
                return patient;
            });
            return mend is null ? ill : ill with { Mend = mend };
        }
    }
}
