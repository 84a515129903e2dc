using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Campaigns;

namespace ZohoPlatform.Providers.Tests.Zoho;

/// <summary>Whatever Zoho sends is understood in one way, and the shape it comes in changes nothing.</summary>
public sealed class CampaignsAnswerTests
{
    private static readonly int[] Documented = [.. Enumerable.Range(0, 10_000).Where(number => CampaignsCodes.IsDocumented(number))];

    private static readonly Gen<int> Numbers = Gen.OneOf(Gen.Elements(Documented), Gen.Choose(-10, 100_000));

    private static readonly Gen<CampaignsMethod> Methods = Gen.Elements<CampaignsMethod>([.. CampaignsMethods.All]);

    private static readonly Gen<HttpStatusCode> Statuses = Gen.Elements(
        HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Found, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden,
        HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable, (HttpStatusCode)299);

    private static readonly Gen<string?> Words = Gen.Elements<string?>(null, "success", "error", "SUCCESS", "Error", "failure", "", "null", "maybe");

    private static readonly Gen<string> Texts = Gen.Elements(
        "", "null", "Contact exists in this list.", "Yet,There are no contacts in this list.", "Contact limit reached.", "Ungültig 联系人",
        "User already in Do-Not-Mail.");

    [Fact]
    public void Any_number_in_any_frame_has_one_class_and_a_sentence() => Prop.ForAll(
        Arb.From(Numbers), Arb.From(from method in Methods from status in Statuses select (method, status)),
        Arb.From(from word in Words from text in Texts from shape in Gen.Choose(0, Shapes - 1) select (word, text, shape)),
        (number, called, frame) =>
        {
            var read = CampaignsAnswer.Read(
                new ProviderAnswer(called.status, Frame(number, frame.word, frame.text, frame.shape)), called.method);

            if (read.Succeeded(out var answer, out var failure))
            {
                Assert.Contains(
                    answer.Class, new[] { CampaignsCodeClass.Done, CampaignsCodeClass.AlreadyDone, CampaignsCodeClass.Empty });
                Assert.Equal(CampaignsCodes.Find(number, called.method, frame.text).Class, answer.Class);
                return;
            }

            Assert.True(Enum.IsDefined(failure.CampaignsClass));
            Assert.DoesNotContain(
                failure.CampaignsClass, new[] { CampaignsCodeClass.Done, CampaignsCodeClass.AlreadyDone, CampaignsCodeClass.Empty });
            Assert.Matches("^[a-z_]+$", failure.Code);
            Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void The_shape_of_a_frame_changes_nothing() => Prop.ForAll(
        Arb.From(Numbers), Arb.From(Methods), Arb.From(Texts), (number, method, text) =>
        {
            var word = CampaignsCodes.Find(number, method, text).Class is CampaignsCodeClass.Done ? "success" : "error";
            var seen = Enumerable.Range(0, Shapes)
                .Select(shape => CampaignsAnswer.Read(new ProviderAnswer(HttpStatusCode.OK, Frame(number, word, text, shape)), method))
                .Select(read => read.Succeeded(out var answer, out var failure) ? answer.Class.ToString() : failure.ToString());

            Assert.Single(seen.Distinct(StringComparer.Ordinal));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void What_is_done_or_on_the_list_already_is_so_whatever_the_status_says()
    {
        foreach (var word in new[] { null, "success", "error" })
        {
            var read = CampaignsAnswer.Read(new ProviderAnswer(HttpStatusCode.OK, Frame(2003, word, "", 0)), CampaignsMethods.BulkAdd);

            Assert.True(read.Succeeded(out var answer, out _));
            Assert.Equal(CampaignsCodeClass.AlreadyDone, answer.Class);
        }
    }

    [Fact]
    public void Nothing_that_is_sent_makes_it_throw() => Prop.ForAll(
        Arb.From(Statuses), Arb.From(Methods), ArbMap.Default.ArbFor<NonNull<string>>(), (status, method, body) =>
        {
            var read = CampaignsAnswer.Read(new ProviderAnswer(status, body.Get), method);

            Assert.True(read.Succeeded(out _, out var failure) || Enum.IsDefined(failure.CampaignsClass));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));

    [Theory]
    [InlineData(HttpStatusCode.OK, """<?xml version="1.0" encoding="UTF-8" ?><response><code>0</code><status>success</status></response>""")]
    [InlineData(HttpStatusCode.OK, "<html><body>Under maintenance</body></html>")]
    [InlineData(HttpStatusCode.BadGateway, "")]
    [InlineData(HttpStatusCode.OK, """{"status":"success","code":""")]
    [InlineData(HttpStatusCode.OK, """{"status":"error","code":"0"}""")]
    public void Of_what_may_not_be_done_twice_nobody_knows_without_an_answer(HttpStatusCode status, string body)
    {
        var read = CampaignsAnswer.Read(new ProviderAnswer(status, body), CampaignsMethods.CreateList);

        Assert.False(read.Succeeded(out _, out var failure));
        Assert.Equal("zoho_outcome_unknown", failure.Code);
    }

    private const int Shapes = 6;

    // code and Code, text and number, with and without response, as seen on Zoho's pages and on live accounts
    private static string Frame(int number, string? status, string message, int shape)
    {
        var frame = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["message"] = message,
            [shape is 1 or 4 ? "Code" : "code"] = shape is 2 or 3 ? number : number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [shape is 1 or 4 ? "URI" : "uri"] = "/api/v1.1/anything",
            ["version"] = shape is 2 ? "1" : "1.1",
        };
        if (status is not null)
        {
            frame["status"] = status;
        }

        return JsonSerializer.Serialize<object>(shape is 3 or 4 or 5 ? new { response = frame } : frame);
    }
}
