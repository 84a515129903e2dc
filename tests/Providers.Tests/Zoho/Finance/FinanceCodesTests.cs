using System.Net;
using ZohoPlatform.Providers.Zoho.Finance;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Finance;

/// <summary>What follows from the codes of the finance products.</summary>
public sealed class FinanceCodesTests
{
    [Theory]
    [InlineData(401, 57, FinanceCodeClass.Auth)]
    [InlineData(400, 57, FinanceCodeClass.Auth)]
    [InlineData(401, 14, FinanceCodeClass.BadRequest)]
    [InlineData(400, 6041, FinanceCodeClass.Configuration)]
    [InlineData(400, 6024, FinanceCodeClass.Configuration)]
    [InlineData(400, 4029, FinanceCodeClass.Configuration)]
    [InlineData(400, 2, FinanceCodeClass.BadData)]
    [InlineData(400, 4, FinanceCodeClass.BadData)]
    [InlineData(400, 11, FinanceCodeClass.BadData)]
    [InlineData(400, 15, FinanceCodeClass.BadData)]
    [InlineData(404, 1002, FinanceCodeClass.Gone)]
    [InlineData(400, 1002, FinanceCodeClass.Gone)]
    [InlineData(200, 1002, FinanceCodeClass.Gone)]
    [InlineData(404, 2006, FinanceCodeClass.Gone)]
    [InlineData(404, 99999, FinanceCodeClass.Gone)]
    [InlineData(404, 5, FinanceCodeClass.BadRequest)]
    [InlineData(405, 37, FinanceCodeClass.BadRequest)]
    [InlineData(405, 36, FinanceCodeClass.BadRequest)]
    [InlineData(400, 13011, FinanceCodeClass.Duplicate)]
    [InlineData(400, 3062, FinanceCodeClass.Duplicate)]
    [InlineData(400, 1001, FinanceCodeClass.Duplicate)]
    [InlineData(400, 36004, FinanceCodeClass.Duplicate)]
    [InlineData(400, 1000, FinanceCodeClass.Duplicate)]
    [InlineData(500, 1000, FinanceCodeClass.Retry)]
    [InlineData(400, 13009, FinanceCodeClass.BadData)]
    [InlineData(400, 3032, FinanceCodeClass.BadData)]
    [InlineData(400, 71510, FinanceCodeClass.BadData)]
    [InlineData(400, 71512, FinanceCodeClass.BadData)]
    [InlineData(400, 110817, FinanceCodeClass.BadData)]
    [InlineData(400, 110942, FinanceCodeClass.BadData)]
    [InlineData(400, 3000, FinanceCodeClass.Held)]
    [InlineData(400, 12008, FinanceCodeClass.Held)]
    [InlineData(400, 3009, FinanceCodeClass.Held)]
    [InlineData(429, 43, FinanceCodeClass.Blocked)]
    [InlineData(429, 44, FinanceCodeClass.Blocked)]
    [InlineData(429, 45, FinanceCodeClass.DayUsed)]
    [InlineData(200, 45, FinanceCodeClass.DayUsed)]
    [InlineData(429, 1070, FinanceCodeClass.Busy)]
    [InlineData(400, 424242, FinanceCodeClass.Unknown)]
    [InlineData(503, 424242, FinanceCodeClass.Retry)]
    public void Each_has_one(int status, int code, FinanceCodeClass expected) =>
        Assert.Equal(expected, FinanceCodes.Find(code, (HttpStatusCode)status).Class);

    [Fact]
    public void Every_code_gives_a_failure_whose_class_is_known_by_its_own_name_again()
    {
        foreach (var code in FinanceCodes.Known)
        {
            var found = FinanceCodes.Find(code, HttpStatusCode.BadRequest);
            var failure = found.ToFailure();
            Assert.Matches("^[a-z_]+$", failure.Code);
            Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
            Assert.Equal((code, found.Class), (code, failure.FinanceClass));
        }
    }

    [Fact]
    public async Task One_that_nobody_knows_is_shown_as_it_is()
    {
        using var host = await ProviderHost.CreateAsync();
        host.Provider.Answers("""{"code":424242,"message":"Something of 1.234.567-8"}""", HttpStatusCode.BadRequest);

        var refused = Refusal(await host.Finance.GetAsync(host.Call, FinanceProduct.Books, "900000001", FinanceEntity.Invoices, "46001", default));

        Assert.Equal((FailureKind.Unavailable, "zoho_code_unknown"), (refused.Kind, refused.Code));
        Assert.Contains("424242", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("1.234.567-8", refused.Message, StringComparison.Ordinal);
    }
}
